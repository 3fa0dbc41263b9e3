"""Every way to a list's rows in sight has an index in each order, and every filter has one."""

from service.database.migrations.tenancy import index_beside_writers

revision = "0017"
down_revision = "0016"

_INDEXES = (
    ("party", "owner_id", "full_name", "id"),
    ("party", "org_unit_id", "full_name", "id"),
    ("party", "territory_id", "full_name", "id"),
    ("party", "kind", "created_at", "id"),
    ("visit", "state", "arrived_at", "id"),
    ("visit", "mode", "arrived_at", "id"),
    ("visit", "reception_day", "arrived_at", "id"),
    ("registration", "member_id", "protected_until", "id"),
    ("registration", "org_unit_id", "protected_until", "id"),
    ("registration", "territory_id", "protected_until", "id"),
    ("registration", "result", "entered_at", "id"),
    ("registration", "reception_day", "entered_at", "id"),
    ("deal", "closer_id", "signed_at", "id"),
    ("claim", "result", "filed_at", "id"),
    ("credit_share", "member_id", "deal_id"),
    ("decision", "owner_id", "at", "id"),
    ("decision", "org_unit_id", "at", "id"),
    ("decision", "territory_id", "at", "id"),
    ("decision", "kind", "at", "id"),
    ("decision", "rule", "at", "id"),
    ("task", "member_id", "created_at", "id"),
    ("task", "org_unit_id", "created_at", "id"),
    ("task", "state", "created_at", "id"),
    ("task", "kind", "created_at", "id"),
    ("notification", "member_id", "kind", "subject_id"),
    ("member", "state", "name", "id"),
    ("assignment", "territory_id"),
    ("site", "org_unit_id"),
    ("site", "territory_id"),
    ("site", "kind"),
)


def upgrade() -> None:
    """Make the indexes one by one; an attempt that broke is taken up where it was."""
    for table, *columns in _INDEXES:
        name = f"{table}_{'_'.join(columns)}_ix"
        index_beside_writers(name, table, ["tenant_id", *columns])
