"""What comes back: reports about rows, bounces, replies. Kept first, applied when the row is settled."""
