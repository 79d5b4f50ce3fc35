"""Arrays that grow, and texts laid end to end: what columns are made of."""
