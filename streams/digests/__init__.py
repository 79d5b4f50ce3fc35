"""Digests: what daily and weekly recipients were spared goes out as one message at their boundary."""
