"""A ledger row on its way out: claimed, looked at once more, sent, and what an outcome means for it."""
