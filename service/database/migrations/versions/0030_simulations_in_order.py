"""What lists of simulations and of their cases are narrowed by."""

from service.database.migrations.tenancy import index

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Make the indexes."""
    for column in ("site_id", "receiver_before_id", "receiver_after_id"):
        columns = ["tenant_id", column, "position", "id"]
        index(f"simulation_case_{column}_position_id_ix", "simulation_case", columns)
    for column in ("state", "rulebook_draft_id"):
        columns = ["tenant_id", column, "created_at", "id"]
        index(f"rulebook_simulation_{column}_created_at_id_ix", "rulebook_simulation", columns)
