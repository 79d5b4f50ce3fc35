"""Credit codes and memberships that wait to be confirmed are found without a look at all that are."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

CODE_WAITS = sa.and_(
    sa.column("credit_code").is_not(None), sa.column("credit_code_confirmed", sa.Boolean).is_(False)
)
MEMBER_WAITS = sa.column("confirmed", sa.Boolean).is_(False)


def upgrade() -> None:
    op.create_index(
        "ix_subscribers_unconfirmed",
        "subscribers",
        ["subscriber_id"],
        sqlite_where=CODE_WAITS,
        postgresql_where=CODE_WAITS,
    )
    op.create_index(
        "ix_memberships_unconfirmed",
        "memberships",
        ["association_id", "subscriber_id"],
        sqlite_where=MEMBER_WAITS,
        postgresql_where=MEMBER_WAITS,
    )
