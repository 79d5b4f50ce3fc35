"""The revisions, oldest first; alembic reads them by file name."""
