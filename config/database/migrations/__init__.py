"""How the record came to its present shape, one revision after the other.

The record only moves forward: there is no downgrade. Who has to go back restores the backup made before the update.

The next revision is written by alembic (its settings stand in pyproject.toml) against a record at the newest one:

    export ZHENGDA_DATABASE=sqlite:////tmp/revision.db
    alembic upgrade head
    alembic revision --autogenerate --rev-id 0002 -m "what it is for"

New tables, columns and indexes work as written on both databases. SQLite cannot alter a column: there use
``op.batch_alter_table``.
"""
