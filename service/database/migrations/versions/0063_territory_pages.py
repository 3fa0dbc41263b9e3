"""What seats and moves are listed by is read from an index."""

from service.database.migrations.tenancy import index

revision = "0063"
down_revision = "0062"


def upgrade() -> None:
    """Make the indexes; both tables are small and new."""
    for table, columns in (
        ("territory_assignment", ("role", "valid_from", "id")),
        ("territory_move", ("from_territory_id", "id")),
        ("territory_move", ("to_territory_id", "id")),
        ("territory_move", ("owner_id", "id")),
        ("territory_move", ("reason", "id")),
    ):
        index(f"{table}_{'_'.join(columns)}_ix", table, ["tenant_id", *columns])
