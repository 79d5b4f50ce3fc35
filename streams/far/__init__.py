"""Texts that a gateway knows by ids of its own: written down, reported on, asked about, found again."""
