"""The HTTP face; what it promises is written in docs/faces.md."""
