"""Codes as people write them, and what is said to whoever wrote one that does not exist or a field that is wrong."""
