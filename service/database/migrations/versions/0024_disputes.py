"""Disputes of two members over a deal, and what is decided in them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table
from service.database.tables import SCHEMA

revision = "0024"
down_revision = "0023"

_KINDS = "kind IN ('RECEPTION', 'REGISTRATION', 'RENEWAL', 'CLAIM', 'CREDIT', 'DISPUTE')"


def upgrade() -> None:
    """Make the tables, and let decisions be of disputes."""
    _dispute()
    _dispute_step()
    op.drop_constraint("decision_kind_check", "decision", schema=SCHEMA)
    # Every row there is satisfies the longer list: none is looked at again under the lock.
    op.create_check_constraint(
        "decision_kind_check", "decision", _KINDS, schema=SCHEMA, postgresql_not_valid=True
    )
    op.execute(f"ALTER TABLE {SCHEMA}.decision VALIDATE CONSTRAINT decision_kind_check")


def _dispute() -> None:
    tenant_table(
        "dispute",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("first_member_id", sa.Uuid(), nullable=False),
        sa.Column("second_member_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column(
            "private_until", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False
        ),
        sa.Column(
            "handed_over_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True
        ),
        sa.Column("settled_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("appeal_until", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("appealed_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("appealed_by", sa.Uuid(), nullable=True),
        sa.Column(
            "appeal_decided_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True
        ),
        sa.Column("appeal_decided_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("first_basis_points", sa.Integer(), nullable=True),
        sa.Column("second_basis_points", sa.Integer(), nullable=True),
        sa.Column("company_basis_points", sa.Integer(), nullable=True),
        sa.Column("aggravated", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("opening_id", sa.Uuid(), nullable=False),
        sa.Column("outcome_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "char_length(ground) BETWEEN 1 AND 2000", name="dispute_ground_length_check"
        ),
        sa.CheckConstraint("first_member_id <> second_member_id", name="dispute_members_check"),
        sa.CheckConstraint(
            "num_nonnulls(first_basis_points, second_basis_points, company_basis_points) = 0 OR (first_basis_points + second_basis_points + company_basis_points = 10000 AND least(first_basis_points, second_basis_points, company_basis_points) >= 0)",
            name="dispute_outcome_check",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "appeal_decided_by"],
            ["app.member.tenant_id", "app.member.id"],
            name="dispute_appeal_decided_by_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "appealed_by"],
            ["app.member.tenant_id", "app.member.id"],
            name="dispute_appealed_by_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deal_id"],
            ["app.deal.tenant_id", "app.deal.id"],
            name="dispute_deal_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "decided_by"],
            ["app.member.tenant_id", "app.member.id"],
            name="dispute_decided_by_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "first_member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="dispute_first_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="dispute_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"],
            ["app.party.tenant_id", "app.party.id"],
            name="dispute_party_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "second_member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="dispute_second_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["app.site.tenant_id", "app.site.id"],
            name="dispute_site_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="dispute_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="dispute_pk"),
    )
    index("dispute_deal_id_key", "dispute", ["tenant_id", "deal_id"], unique=True)
    index(
        "dispute_ended_at_opened_at_id_ix", "dispute", ["tenant_id", "ended_at", "opened_at", "id"]
    )
    index(
        "dispute_first_member_id_opened_at_id_ix",
        "dispute",
        ["tenant_id", "first_member_id", "opened_at", "id"],
    )
    index("dispute_opened_at_id_ix", "dispute", ["tenant_id", "opened_at", "id"])
    index(
        "dispute_org_unit_id_opened_at_id_ix",
        "dispute",
        ["tenant_id", "org_unit_id", "opened_at", "id"],
    )
    index(
        "dispute_party_id_opened_at_id_ix", "dispute", ["tenant_id", "party_id", "opened_at", "id"]
    )
    index(
        "dispute_second_member_id_opened_at_id_ix",
        "dispute",
        ["tenant_id", "second_member_id", "opened_at", "id"],
    )
    index("dispute_site_id_opened_at_id_ix", "dispute", ["tenant_id", "site_id", "opened_at", "id"])
    index(
        "dispute_territory_id_opened_at_id_ix",
        "dispute",
        ["tenant_id", "territory_id", "opened_at", "id"],
    )


def _dispute_step() -> None:
    tenant_table(
        "dispute_step",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("step_number", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first_basis_points", sa.Integer(), nullable=True),
        sa.Column("second_basis_points", sa.Integer(), nullable=True),
        sa.Column("company_basis_points", sa.Integer(), nullable=True),
        sa.Column("aggravated", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('OPENED', 'PROPOSED', 'HANDOVER_ASKED', 'DECIDED', 'APPEALED', 'APPEAL_DECIDED')",
            name="dispute_step_kind_check",
        ),
        sa.CheckConstraint(
            "num_nonnulls(first_basis_points, second_basis_points, company_basis_points) = 0 OR (first_basis_points + second_basis_points + company_basis_points = 10000 AND least(first_basis_points, second_basis_points, company_basis_points) >= 0)",
            name="dispute_step_outcome_check",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "dispute_id"],
            ["app.dispute.tenant_id", "app.dispute.id"],
            name="dispute_step_dispute_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="dispute_step_member_id_fk",
        ),
        sa.UniqueConstraint(
            *["tenant_id", "dispute_id", "step_number"],
            name="dispute_step_dispute_id_step_number_key",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="dispute_step_pk"),
        append_only=True,
    )
