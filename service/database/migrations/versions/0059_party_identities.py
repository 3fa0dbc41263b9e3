"""Documents and faces that identify a party, by hash, and each tenant's key for them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.security import fixing
from service.database.tables import SCHEMA

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    """Make the tables, and let a visit remember what the visitor showed."""
    _party_identity()
    _identity_secret()
    op.add_column(
        "visit",
        sa.Column(
            "identities", postgresql.ARRAY(sa.Text()), server_default=text("'{}'"), nullable=False
        ),
        schema=SCHEMA,
    )
    op.add_column(
        "visit",
        sa.Column("ambiguous", sa.Boolean(), server_default=text("false"), nullable=False),
        schema=SCHEMA,
    )


def _party_identity() -> None:
    tenant_table(
        "party_identity",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('ID_CARD', 'PASSPORT', 'TRAVEL_PERMIT', 'FACE')",
            name="party_identity_kind_check",
        ),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="party_identity_digest_check"),
        sa.CheckConstraint("(kind = 'FACE') = (shown IS NULL)", name="party_identity_shown_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"],
            ["app.party.tenant_id", "app.party.id"],
            name="party_identity_party_id_fk",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="party_identity_pk"),
        sa.UniqueConstraint("tenant_id", "digest", name="party_identity_digest_key"),
        deletable=True,
    )
    index(
        "party_identity_party_id_created_at_id_ix",
        "party_identity",
        ["tenant_id", "party_id", "created_at", "id"],
    )
    run(fixing("party_identity", ("party_id", "kind", "digest", "shown")))


def _identity_secret() -> None:
    tenant_table(
        "identity_secret",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="identity_secret_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="identity_secret_pk"),
        sa.UniqueConstraint("tenant_id", name="identity_secret_tenant_id_key"),
    )
    run(fixing("identity_secret", ("key",)))
