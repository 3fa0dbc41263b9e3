"""Until when a registration protected, and where a member belonged, before each changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0100"
down_revision = "0099"


def upgrade() -> None:
    """Make the tables, and note from when on the companies there are have them."""
    _former("former_protection", "registration", _instant("protected_until"))
    _former(
        "former_place",
        "member",
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", f"{target}_id"],
                [f"app.{target}.tenant_id", f"app.{target}.id"],
                name=f"former_place_{target}_id_fk",
            )
            for target in ("org_unit", "territory")
        ),
    )
    # The value of this moment is kept beside the table: no row is written, none is missed.
    since = _instant("histories_since", nullable=True, server_default=text("now()"))
    op.add_column("tenant", since, schema="app")
    op.alter_column("tenant", "histories_since", server_default=None, schema="app")


def _former(name: str, whose: str, *parts: sa.schema.SchemaItem) -> None:
    tenant_table(
        name,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column(f"{whose}_id", sa.Uuid(), nullable=False),
        *parts,
        _instant("recorded_at"),
        sa.ForeignKeyConstraint(
            ["tenant_id", f"{whose}_id"],
            [f"app.{whose}.tenant_id", f"app.{whose}.id"],
            name=f"{name}_{whose}_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"{name}_pk"),
        append_only=True,
    )
    index(
        f"{name}_{whose}_id_recorded_at_id_ix",
        name,
        ["tenant_id", f"{whose}_id", "recorded_at", "id"],
    )


def _instant(name: str, *, nullable: bool = False, **more: object) -> sa.Column[object]:
    kind = postgresql.TIMESTAMP(timezone=True, precision=3)
    return sa.Column(name, kind, nullable=nullable, **more)  # type: ignore[arg-type]  # its own names
