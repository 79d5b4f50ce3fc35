"""A dead address has one word on the suppression list, and the far side's own words stand beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

# What a mail server or an endpoint said at once stood where the word belongs. Of text messages nobody can tell the
# gateway's words from an operator's: those stay as they are.
WORDS = sa.text(
    "UPDATE suppressions SET said = reason, reason = 'gone' WHERE "
    "(channel = 'email' AND reason LIKE '5__ %') "
    "OR (channel = 'webhook' AND reason = 'the endpoint answers 410: it is gone')"
)


def upgrade() -> None:
    op.add_column("suppressions", sa.Column("said", sa.Text()))
    op.execute(WORDS)
