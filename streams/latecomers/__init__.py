"""What was pushed before somebody came: what is still open goes to them, what they missed is shown."""
