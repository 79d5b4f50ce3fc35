"""The flow: from an agency's event to a ledger row per delivery."""
