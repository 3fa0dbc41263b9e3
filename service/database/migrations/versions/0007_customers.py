"""Parties, telephone numbers, relations."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    _party()
    _contact_point()
    _party_relation()


def _party() -> None:
    tenant_table(
        "party",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('PERSON', 'ORGANISATION')", name="party_kind_check"),
        sa.CheckConstraint(
            "char_length(full_name) BETWEEN 1 AND 200", name="party_full_name_length_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="party_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="party_owner_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="party_territory_id_fk",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["app.tenant.tenant_id"], name="party_tenant_id_fk"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="party_pk"),
    )
    index("party_created_at_id_ix", "party", ["tenant_id", "created_at", "id"])
    index("party_full_name_id_ix", "party", ["tenant_id", "full_name", "id"])
    index(
        "party_org_unit_id_created_at_id_ix",
        "party",
        ["tenant_id", "org_unit_id", "created_at", "id"],
    )
    index("party_owner_id_created_at_id_ix", "party", ["tenant_id", "owner_id", "created_at", "id"])
    index(
        "party_territory_id_created_at_id_ix",
        "party",
        ["tenant_id", "territory_id", "created_at", "id"],
    )
    # ### end Alembic commands ###


def _contact_point() -> None:
    tenant_table(
        "contact_point",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("extension", sa.Text(), nullable=True),
        sa.CheckConstraint("phone ~ '^[+][1-9][0-9]{2,14}$'", name="contact_point_phone_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"],
            ["app.party.tenant_id", "app.party.id"],
            name="contact_point_party_id_fk",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="contact_point_pk"),
        sa.UniqueConstraint("tenant_id", "phone", name="contact_point_phone_key"),
    )
    index("contact_point_party_id_ix", "contact_point", ["tenant_id", "party_id"])
    # ### end Alembic commands ###


def _party_relation() -> None:
    tenant_table(
        "party_relation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("other_party_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.CheckConstraint("party_id <> other_party_id", name="party_relation_to_another_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "other_party_id"],
            ["app.party.tenant_id", "app.party.id"],
            name="party_relation_other_party_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"],
            ["app.party.tenant_id", "app.party.id"],
            name="party_relation_party_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="party_relation_pk"),
    )
    index("party_relation_other_party_id_ix", "party_relation", ["tenant_id", "other_party_id"])
    index("party_relation_party_id_ix", "party_relation", ["tenant_id", "party_id"])
    # ### end Alembic commands ###
