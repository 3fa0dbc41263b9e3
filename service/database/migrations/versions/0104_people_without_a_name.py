"""For whom an identity provider vouches needs no name to sign in by."""

from alembic import op

from service.database.tables import SCHEMA

revision = "0104"
down_revision = "0103"


def upgrade() -> None:
    """Let the name be absent, but for who has a password."""
    op.alter_column("platform_user", "name", nullable=True, schema=SCHEMA)
    op.create_check_constraint(
        "platform_user_password_check",
        "platform_user",
        "password_hash IS NULL OR name IS NOT NULL",
        schema=SCHEMA,
    )
