"""Members who go, and the company pool their customers go to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table
from service.database.tables import SCHEMA

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Make the tables, and let registrations say that they were released."""
    op.add_column(
        "registration",
        sa.Column("released_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        schema=SCHEMA,
    )
    _departure()
    _pool_entry()


def _departure() -> None:
    tenant_table(
        "departure",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column(
            "takes_effect_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False
        ),
        sa.Column("wish", sa.Text(), nullable=True),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.Column("to_org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("to_territory_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("went", sa.Text(), nullable=True),
        sa.Column("registration_count", sa.Integer(), nullable=False),
        sa.Column("dispute_count", sa.Integer(), nullable=False),
        sa.Column("task_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('LEAVING', 'TRANSFER')", name="departure_kind_check"),
        sa.CheckConstraint(
            "char_length(reason) BETWEEN 1 AND 2000", name="departure_reason_length_check"
        ),
        sa.CheckConstraint(
            "state IN ('PLANNED', 'DONE', 'CANCELLED')", name="departure_state_check"
        ),
        sa.CheckConstraint(
            "(wish IS NOT DISTINCT FROM 'SUCCESSOR') = (successor_id IS NOT NULL)",
            name="departure_successor_check",
        ),
        sa.CheckConstraint(
            "went IN ('POOL', 'SUCCESSOR', 'ROTATION', 'KEPT')", name="departure_went_check"
        ),
        sa.CheckConstraint(
            "wish IN ('POOL', 'SUCCESSOR', 'ROTATION', 'KEPT')", name="departure_wish_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="departure_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="departure_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "successor_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="departure_successor_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="departure_territory_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "to_org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="departure_to_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "to_territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="departure_to_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="departure_pk"),
    )
    index(
        "departure_member_id_key",
        "departure",
        ["tenant_id", "member_id"],
        unique=True,
        postgresql_where=text("state = 'PLANNED'"),
    )
    index(
        "departure_member_id_takes_effect_at_id_ix",
        "departure",
        ["tenant_id", "member_id", "takes_effect_at", "id"],
    )
    index(
        "departure_org_unit_id_takes_effect_at_id_ix",
        "departure",
        ["tenant_id", "org_unit_id", "takes_effect_at", "id"],
    )
    index(
        "departure_state_takes_effect_at_id_ix",
        "departure",
        ["tenant_id", "state", "takes_effect_at", "id"],
    )
    index("departure_takes_effect_at_id_ix", "departure", ["tenant_id", "takes_effect_at", "id"])
    index(
        "departure_territory_id_takes_effect_at_id_ix",
        "departure",
        ["tenant_id", "territory_id", "takes_effect_at", "id"],
    )


def _pool_entry() -> None:
    tenant_table(
        "pool_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("from_member_id", sa.Uuid(), nullable=False),
        sa.Column("departure_id", sa.Uuid(), nullable=False),
        sa.Column("entered_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("taken_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("assigned_by", sa.Uuid(), nullable=True),
        sa.Column("by_rotation", sa.Boolean(), nullable=False),
        sa.Column("assigned_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "assigned_by"],
            ["app.member.tenant_id", "app.member.id"],
            name="pool_entry_assigned_by_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "assigned_id"],
            ["app.registration.tenant_id", "app.registration.id"],
            name="pool_entry_assigned_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "departure_id"],
            ["app.departure.tenant_id", "app.departure.id"],
            name="pool_entry_departure_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "from_member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="pool_entry_from_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="pool_entry_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"],
            ["app.party.tenant_id", "app.party.id"],
            name="pool_entry_party_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "registration_id"],
            ["app.registration.tenant_id", "app.registration.id"],
            name="pool_entry_registration_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["app.site.tenant_id", "app.site.id"],
            name="pool_entry_site_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "taken_by"],
            ["app.member.tenant_id", "app.member.id"],
            name="pool_entry_taken_by_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="pool_entry_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pool_entry_pk"),
    )
    index("pool_entry_entered_at_id_ix", "pool_entry", ["tenant_id", "entered_at", "id"])
    index(
        "pool_entry_from_member_id_entered_at_id_ix",
        "pool_entry",
        ["tenant_id", "from_member_id", "entered_at", "id"],
    )
    index(
        "pool_entry_org_unit_id_entered_at_id_ix",
        "pool_entry",
        ["tenant_id", "org_unit_id", "entered_at", "id"],
    )
    index(
        "pool_entry_party_id_entered_at_id_ix",
        "pool_entry",
        ["tenant_id", "party_id", "entered_at", "id"],
    )
    index(
        "pool_entry_registration_id_key",
        "pool_entry",
        ["tenant_id", "registration_id"],
        unique=True,
    )
    index(
        "pool_entry_site_id_entered_at_id_ix",
        "pool_entry",
        ["tenant_id", "site_id", "entered_at", "id"],
    )
    index(
        "pool_entry_taken_at_entered_at_id_ix",
        "pool_entry",
        ["tenant_id", "taken_at", "entered_at", "id"],
    )
    index(
        "pool_entry_taken_by_entered_at_id_ix",
        "pool_entry",
        ["tenant_id", "taken_by", "entered_at", "id"],
    )
    index(
        "pool_entry_territory_id_entered_at_id_ix",
        "pool_entry",
        ["tenant_id", "territory_id", "entered_at", "id"],
    )
