"""Work plans are narrowed by what an item is and by what is open, and ordered by their making."""

from service.database.migrations.tenancy import index

revision = "0117"
down_revision = "0116"

_COLUMNS = (("kind", "due_on", "id"), ("done_at", "due_on", "id"), ("created_at", "id"))


def upgrade() -> None:
    """Make the indexes: a company plans hundreds of items a year."""
    for columns in _COLUMNS:
        index(f"work_item_{'_'.join(columns)}_ix", "work_item", ("tenant_id", *columns))
