"""How far receptions have come, stage by stage."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import tenant_table

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Make the table."""
    _visit_stage()


def _visit_stage() -> None:
    tenant_table(
        "visit_stage",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("seconds_since_arrival", sa.Integer(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('GREETED', 'MODEL_TOUR', 'SEATED', 'UNIT_RECOMMENDED', 'QUOTED', 'UNIT_CHECKED', 'DEPOSIT_SLIP', 'ESCORTED_OUT', 'DESK_RESET')",
            name="visit_stage_stage_check",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="visit_stage_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "visit_id"],
            ["app.visit.tenant_id", "app.visit.id"],
            name="visit_stage_visit_id_fk",
        ),
        sa.UniqueConstraint(
            *["tenant_id", "visit_id", "stage"], name="visit_stage_visit_id_stage_key"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="visit_stage_pk"),
        append_only=True,
    )
