"""Who takes part in which deal, and is a side of which decision, in the order he reads them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.security import fixing
from service.database.tables import SCHEMA

revision = "0034"
down_revision = "0033"

_INSTANT = postgresql.TIMESTAMP(timezone=True, precision=3)
_READ = ("claim", "credit_share", "deal", "decision", "decision_member", "dispute", "notification")
_PARTS = f"""
INSERT INTO {SCHEMA}.deal_member (tenant_id, deal_id, member_id, signed_at)
SELECT DISTINCT d.tenant_id, d.id, part.member_id, d.signed_at
FROM {SCHEMA}.deal d
JOIN (
    SELECT tenant_id, deal_id, claimant_id AS member_id FROM {SCHEMA}.claim
    UNION ALL SELECT tenant_id, deal_id, member_id FROM {SCHEMA}.credit_share
    UNION ALL SELECT tenant_id, deal_id, first_member_id FROM {SCHEMA}.dispute
    UNION ALL SELECT tenant_id, deal_id, second_member_id FROM {SCHEMA}.dispute
    UNION ALL SELECT tenant_id, subject_id, member_id FROM {SCHEMA}.notification
        WHERE kind = 'deal_with_your_customer'
) part ON part.tenant_id = d.tenant_id AND part.deal_id = d.id
WHERE part.member_id IS NOT NULL
"""
_DATED = f"""
UPDATE {SCHEMA}.decision_member m SET at = d.at
FROM {SCHEMA}.decision d WHERE d.tenant_id = m.tenant_id AND d.id = m.decision_id
"""
# Revision 0032 ran under row security, which holds the owner too: it named nobody.
_SIDES = f"""
INSERT INTO {SCHEMA}.decision_member (tenant_id, decision_id, member_id, at)
SELECT DISTINCT d.tenant_id, d.id, side.member_id, d.at
FROM {SCHEMA}.decision d
JOIN (
    SELECT tenant_id, id AS subject_id, first_member_id AS member_id FROM {SCHEMA}.dispute
    UNION ALL SELECT tenant_id, id, second_member_id FROM {SCHEMA}.dispute
    UNION ALL SELECT tenant_id, deal_id, first_member_id FROM {SCHEMA}.dispute
    UNION ALL SELECT tenant_id, deal_id, second_member_id FROM {SCHEMA}.dispute
    UNION ALL SELECT tenant_id, id, closer_id FROM {SCHEMA}.deal
    UNION ALL SELECT tenant_id, deal_id, claimant_id FROM {SCHEMA}.claim
    UNION ALL SELECT c.tenant_id, c.id, l.owner_id FROM {SCHEMA}.claim c
        JOIN {SCHEMA}.deal l ON l.tenant_id = c.tenant_id AND l.id = c.deal_id
) side ON side.tenant_id = d.tenant_id AND side.subject_id = d.subject_id
WHERE d.kind IN ('CLAIM', 'CREDIT', 'DISPUTE') AND side.member_id IS DISTINCT FROM d.owner_id
    AND side.member_id IS NOT NULL
ON CONFLICT (tenant_id, member_id, decision_id) DO NOTHING
"""


def upgrade() -> None:
    """Make the table and the column, and fill both from what is kept already."""
    _table()
    op.add_column(
        "decision_member",
        sa.Column("at", _INSTANT, server_default=text("transaction_timestamp()"), nullable=False),
        schema=SCHEMA,
    )
    _fill()
    index(
        "deal_member_member_id_signed_at_deal_id_ix",
        "deal_member",
        ["tenant_id", "member_id", "signed_at", "deal_id"],
    )
    index(
        "decision_member_member_id_at_decision_id_ix",
        "decision_member",
        ["tenant_id", "member_id", "at", "decision_id"],
    )
    run(fixing("deal", ("signed_at",)))


def _table() -> None:
    tenant_table(
        "deal_member",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("signed_at", _INSTANT, nullable=False),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", f"{target}_id"],
                [f"app.{target}.tenant_id", f"app.{target}.id"],
                name=f"deal_member_{target}_id_fk",
            )
            for target in ("deal", "member")
        ),
        sa.UniqueConstraint(
            *["tenant_id", "member_id", "deal_id"], name="deal_member_member_id_deal_id_key"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="deal_member_pk"),
        append_only=True,
    )


def _fill() -> None:
    # Row security is forced on the owner too: for every tenant at once it has to stand aside.
    tables = (*_READ, "deal_member")
    run([f"ALTER TABLE {SCHEMA}.{table} NO FORCE ROW LEVEL SECURITY" for table in tables])
    kept = f"ALTER TABLE {SCHEMA}.decision_member {{}} TRIGGER decision_member_append_only"
    run([_PARTS, kept.format("DISABLE"), _DATED, kept.format("ENABLE"), _SIDES])
    run([f"ALTER TABLE {SCHEMA}.{table} FORCE ROW LEVEL SECURITY" for table in tables])
