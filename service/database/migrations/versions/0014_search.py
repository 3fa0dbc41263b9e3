"""Names are found by any part of them; indexes for what lists are narrowed by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.searching import SEARCH_FUNCTIONS
from service.database.tables import SCHEMA

revision = "0014"
down_revision = "0013"

_FILL = """
INSERT INTO app.party_name_key (tenant_id, party_id, key)
SELECT p.tenant_id, p.id, unnest(app.search_keys(p.full_name)) FROM app.party p
WHERE p.tenant_id = :tenant AND p.full_name IS NOT NULL
"""
_MEMBERS_FORM = (
    f'ALTER TABLE {SCHEMA}.member ADD COLUMN search_form text COLLATE "C"'
    " GENERATED ALWAYS AS (app.search_form(name || ' ' || staff_code)) STORED"
)


def upgrade() -> None:
    """Make the functions and keys of searching, fill them, and add indexes."""
    run(SEARCH_FUNCTIONS)
    op.execute(_MEMBERS_FORM)
    index("member_search_form_id_ix", "member", ["tenant_id", "search_form", "id"])
    tenant_table(
        "party_name_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"],
            ["app.party.tenant_id", "app.party.id"],
            name="party_name_key_party_id_fk",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="party_name_key_pk"),
        sa.UniqueConstraint("tenant_id", "party_id", "key", name="party_name_key_party_id_key_key"),
        deletable=True,
    )
    index("party_name_key_key_party_id_ix", "party_name_key", ["tenant_id", "key", "party_id"])
    _fill()
    _narrowing()


def _fill() -> None:
    """Write the keys of the parties there are."""
    connection = op.get_bind()
    found = connection.execute(text("SELECT tenant_id FROM app.global_tenant_directory"))
    # Row security binds the owner too: each tenant's names are read under its own setting.
    setting = text("SELECT set_config('app.tenant_id', :tenant, true)")
    for (tenant_id,) in found.all():
        connection.execute(setting, {"tenant": str(tenant_id)})
        connection.execute(text(_FILL), {"tenant": tenant_id})
    connection.execute(setting, {"tenant": ""})


def _narrowing() -> None:
    for table, *columns in (
        ("call_record", "site_id", "called_at", "id"),
        ("claim", "registration_id"),
        ("deal", "closer_id", "signed_at", "id"),
        ("deal", "site_id", "signed_at", "id"),
        ("registration", "site_id", "entered_at", "id"),
    ):
        index(f"{table}_{'_'.join(columns)}_ix", table, ["tenant_id", *columns])
    index(
        "registration_site_id_first_follow_up_due_at_ix",
        "registration",
        ["tenant_id", "site_id", "first_follow_up_due_at"],
        postgresql_where=text("first_followed_up_at IS NULL"),
    )
