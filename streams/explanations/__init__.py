"""Interpretations (解读) and frequent questions (问答): kept, decided on, and which policy owes one."""
