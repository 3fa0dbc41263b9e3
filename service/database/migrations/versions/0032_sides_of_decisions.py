"""Whom a decision was made between, besides whose it is; so for those that are kept already."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from service.database.migrations.tenancy import tenant_table
from service.database.tables import SCHEMA

revision = "0032"
down_revision = "0031"

_NAMED = f"""
INSERT INTO {SCHEMA}.decision_member (tenant_id, decision_id, member_id)
SELECT DISTINCT d.tenant_id, d.id, side.member_id
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
"""


def upgrade() -> None:
    """Make the table, and name the sides of earlier decisions."""
    tenant_table(
        "decision_member",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "decision_id"],
            ["app.decision.tenant_id", "app.decision.id"],
            name="decision_member_decision_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="decision_member_member_id_fk",
        ),
        sa.UniqueConstraint(
            *["tenant_id", "member_id", "decision_id"],
            name="decision_member_member_id_decision_id_key",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="decision_member_pk"),
        append_only=True,
    )
    op.execute(_NAMED)
