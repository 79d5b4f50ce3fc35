"""How an index comes into being and stays true: from the record or a snapshot, caught up, built anew."""
