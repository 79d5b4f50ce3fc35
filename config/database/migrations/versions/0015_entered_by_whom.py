"""Credit codes and memberships that staff vouches for: what a subscriber entered itself names nobody any more.

What stands already is told apart by the audit, which is never cut short; where it does not tell, nothing is confirmed,
so that nobody gets what may not concern him.
"""

import sqlalchemy as sa
from alembic import op

from config.database.types import Json, Moment

revision = "0015"
down_revision = "0014"

audit = sa.table(
    "audit",
    sa.column("at", Moment),
    sa.column("actor", sa.Text),
    sa.column("action", sa.String),
    sa.column("object", sa.Text),
    sa.column("details", Json),
)
subscribers = sa.table(
    "subscribers",
    sa.column("subscriber_id", sa.String),
    sa.column("credit_code", sa.String),
    sa.column("credit_code_confirmed", sa.Boolean),
)
memberships = sa.table(
    "memberships",
    sa.column("association_id", sa.String),
    sa.column("subscriber_id", sa.String),
    sa.column("consent_evidence", sa.Text),
    sa.column("confirmed", sa.Boolean),
)


def upgrade() -> None:
    op.add_column(
        "subscribers",
        sa.Column("credit_code_confirmed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "memberships", sa.Column("confirmed", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    s, m = subscribers.c, memberships.c
    stated = sa.and_(s.credit_code.is_not(None), s.subscriber_id.not_in(_wrote_it_themselves()))
    op.execute(sa.update(subscribers).where(stated).values(credit_code_confirmed=sa.true()))
    entered = sa.tuple_(m.association_id, m.subscriber_id, m.consent_evidence).in_(_entered_by_staff())
    op.execute(sa.update(memberships).where(entered).values(confirmed=sa.true()))


def _wrote_it_themselves() -> sa.Select[tuple[str]]:
    """Return the ids of those who wrote who they are themselves, and nobody of the staff put them after that.

    Who never did has the code from staff or from an import. An import that came later leaves no row of its own.
    """
    a = audit.c
    put = a.action == "subscriber.put"
    itself = sa.or_(
        a.action == "subscriber.signed_up",
        sa.and_(a.action == "subscriber.corrected", sa.cast(a.details, sa.Text).contains('"credit_code"')),
        sa.and_(put, a.actor == a.object),
    )
    own = sa.func.max(sa.case((itself, a.at)))
    staff = sa.func.max(sa.case((sa.and_(put, a.actor != a.object), a.at)))
    return (
        sa.select(a.object)
        .where(a.action.startswith("subscriber."))
        .group_by(a.object)
        .having(sa.and_(own.is_not(None), sa.or_(staff.is_(None), staff <= own)))
    )


def _entered_by_staff() -> sa.Select[tuple[str, str, str]]:
    """Return association, subscriber and evidence as staff entered them: whoever joined itself has another one."""
    a = audit.c
    said = (a.details["association_id"].as_string(), a.object, a.details["evidence"].as_string())
    return sa.select(*said).where(a.action == "membership.put")
