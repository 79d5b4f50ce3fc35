"""Divisions that are no more get the code that took their place: in labels, profiles and criteria.

The codes stand here as they were on the day of this migration, because the taxonomy goes on changing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

NOW = {
    "330103": "330105",
    "330104": "330102",
    "350402": "350404",
    "350403": "350404",
    "350427": "350405",
    "410306": "410308",
    "410322": "410308",
    "410381": "410307",
    "431121": "431181",
    "450127": "450181",
    "513425": "513402",
    "532331": "532302",
    "540422": "540481",
    "540530": "540581",
    "610928": "610981",
    "654223": "654203",
}
TEXTS = (("subscribers", "profile"), ("subscriptions", "criteria"))


def upgrade() -> None:
    connection = op.get_bind()
    for old, new in NOW.items():
        for statement in (TWICE, LABELS):
            connection.execute(sa.text(statement), {"old": old, "new": new})
    for table, column in TEXTS:
        connection.execute(sa.text(_codes_anew(table, column, connection.dialect.name)))


# A revision that had both the former code and the present one keeps the present one with its evidence.
TWICE = """
DELETE FROM policy_labels WHERE dimension = 'region' AND code = :old AND EXISTS (
    SELECT 1 FROM policy_labels AS also
    WHERE also.agency_id = policy_labels.agency_id AND also.policy_id = policy_labels.policy_id
    AND also.revision = policy_labels.revision AND also.dimension = 'region' AND also.code = :new
)
"""
LABELS = "UPDATE policy_labels SET code = :new WHERE dimension = 'region' AND code = :old"


def _codes_anew(table: str, column: str, dialect: str) -> str:
    """Return the statement that writes the codes anew wherever they stand as JSON texts, in rows that have one."""
    text = f"CAST({column} AS TEXT)" if dialect == "postgresql" else column
    changed = text
    for old, new in NOW.items():
        changed = f"replace({changed}, '\"{old}\"', '\"{new}\"')"
    changed = f"CAST({changed} AS JSONB)" if dialect == "postgresql" else changed
    there = " OR ".join(f"{text} LIKE '%\"{old}\"%'" for old in NOW)
    return f"UPDATE {table} SET {column} = {changed} WHERE {there}"
