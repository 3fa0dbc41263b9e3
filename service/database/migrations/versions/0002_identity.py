"""Users, memberships, sessions: visible to the sign-in role alone."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import global_table, index

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    _platform_sign_in_failure()
    _platform_user()
    _platform_membership()
    _platform_session()
    _platform_refresh_token()


def _platform_sign_in_failure() -> None:
    global_table(
        "platform_sign_in_failure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.PrimaryKeyConstraint("id", name="platform_sign_in_failure_pk"),
    )
    index("platform_sign_in_failure_at_ix", "platform_sign_in_failure", ["at"])
    index("platform_sign_in_failure_key_hash_at_ix", "platform_sign_in_failure", ["key_hash", "at"])
    # ### end Alembic commands ###


def _platform_user() -> None:
    global_table(
        "platform_user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("operator", sa.Boolean(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.CheckConstraint(
            "(issuer IS NULL) = (subject IS NULL)", name="platform_user_provider_check"
        ),
        sa.CheckConstraint(
            "char_length(name) BETWEEN 1 AND 200", name="platform_user_name_length_check"
        ),
        sa.PrimaryKeyConstraint("id", name="platform_user_pk"),
        sa.UniqueConstraint("issuer", "subject", name="platform_user_issuer_subject_key"),
        sa.UniqueConstraint("name", name="platform_user_name_key"),
    )
    # ### end Alembic commands ###


def _platform_membership() -> None:
    global_table(
        "platform_membership",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app.platform_user.id"],
            name="platform_membership_user_id_fk",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "tenant_id", name="platform_membership_pk"),
        sa.UniqueConstraint("tenant_id", "member_id", name="platform_membership_member_id_key"),
    )
    # ### end Alembic commands ###


def _platform_session() -> None:
    global_table(
        "platform_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("place_hash", sa.LargeBinary(), nullable=True),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "end_reason IN ('SIGNED_OUT', 'TOKEN_REUSED', 'PASSWORD_CHANGED', 'MEMBER_LEFT')",
            name="platform_session_end_reason_check",
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (end_reason IS NULL)", name="platform_session_end_check"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app.platform_user.id"],
            name="platform_session_user_id_fk",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="platform_session_pk"),
    )
    index(
        "platform_session_ended_at_ix",
        "platform_session",
        ["ended_at"],
        postgresql_where=text("ended_at IS NOT NULL"),
    )
    index("platform_session_user_id_place_hash_ix", "platform_session", ["user_id", "place_hash"])
    # ### end Alembic commands ###


def _platform_refresh_token() -> None:
    global_table(
        "platform_refresh_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("used_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["app.platform_session.id"],
            name="platform_refresh_token_session_id_fk",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name="platform_refresh_token_pk"),
    )
    index("platform_refresh_token_session_id_ix", "platform_refresh_token", ["session_id"])
    # ### end Alembic commands ###
