"""Where a registration stood before it went with its customer to another territory."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0097"
down_revision = "0096"


def upgrade() -> None:
    """Make the table."""
    tenant_table(
        "registration_move",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("former_territory_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "registration_id"],
            ["app.registration.tenant_id", "app.registration.id"],
            name="registration_move_registration_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "former_territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="registration_move_former_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="registration_move_pk"),
        append_only=True,
    )
    index(
        "registration_move_registration_id_recorded_at_id_ix",
        "registration_move",
        ["tenant_id", "registration_id", "recorded_at", "id"],
    )
