"""From matches to ledger rows: whom a push is for, over which channels and lanes, under which ids."""
