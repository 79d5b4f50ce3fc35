"""A campaign is one push of one policy revision on one occasion: its rows, its words, and what came of it."""
