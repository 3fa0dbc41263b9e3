"""Who answers for a territory from which day, and which seats are empty."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.security import fixing

revision = "0052"
down_revision = "0051"

_NAME = "territory_assignment"
_INSTANT = postgresql.TIMESTAMP(timezone=True, precision=3)
_EXCLUDED = {
    "one_owner": ("territory_id WITH =", " WHERE (role = 'OWNER')"),
    "one_in_a_seat": ("seat_id WITH =", ""),
    "once": ("territory_id WITH =, member_id WITH =, role WITH =", ""),
}


def upgrade() -> None:
    """Make the table; who had which part since when stays as it was written."""
    tenant_table(
        _NAME,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "role IN ('OWNER', 'MANAGER', 'REP', 'OVERLAY')", name="territory_assignment_role_check"
        ),
        sa.CheckConstraint("valid_until >= valid_from", name="territory_assignment_lasts_check"),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", f"{target}_id"],
                [f"app.{target}.tenant_id", f"app.{target}.id"],
                name=f"{_NAME}_{target}_id_fk",
            )
            for target in ("territory", "member")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="territory_assignment_pk"),
    )
    run(
        [
            f"ALTER TABLE app.{_NAME} ADD CONSTRAINT {_NAME}_{name}_excl EXCLUDE USING gist"
            f" (tenant_id WITH =, {columns}, daterange(valid_from, valid_until) WITH &&){where}"
            for name, (columns, where) in _EXCLUDED.items()
        ]
    )
    run(fixing(_NAME, ("territory_id", "seat_id", "role", "member_id", "valid_from")))
    for columns in (
        ("territory_id", "valid_from", "id"),
        ("member_id", "valid_from", "id"),
        ("valid_from", "id"),
        ("seat_id",),
    ):
        index(f"{_NAME}_{'_'.join(columns)}_ix", _NAME, ["tenant_id", *columns])
