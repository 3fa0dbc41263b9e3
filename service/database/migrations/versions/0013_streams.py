"""The outbox in its final order, and who listens to it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.security import STREAM_GRANTS
from service.database.tables import SCHEMA

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Order the outbox as streams read it; let commands know who listens."""
    index(
        "outbox_transaction_position_key",
        "outbox",
        ["tenant_id", "transaction", "position"],
        unique=True,
    )
    # Nobody reads by position alone: two writers' positions do not come in the order of commits.
    op.drop_index("outbox_position_key", "outbox", schema=SCHEMA)
    tenant_table(
        "outbox_listener",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="outbox_listener_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="outbox_listener_pk"),
    )
    run(STREAM_GRANTS)
