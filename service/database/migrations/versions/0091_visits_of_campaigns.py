"""The visits and calls that a campaign brought are found by it."""

from sqlalchemy import text

from service.database.migrations.tenancy import index_beside_writers

revision = "0091"
down_revision = "0090"


def upgrade() -> None:
    """Make the indexes beside who writes; most visits name no campaign and are in neither."""
    named = text("campaign_id IS NOT NULL")
    for table, instant in (("visit", "arrived_at"), ("call_record", "called_at")):
        index_beside_writers(
            f"{table}_campaign_id_{instant}_id_ix",
            table,
            ["tenant_id", "campaign_id", instant, "id"],
            postgresql_where=named,
        )
