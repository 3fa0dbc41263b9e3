"""The life of a rulebook's version: drafts, sites, windows that cannot overlap."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.security import fixing

revision = "0022"
down_revision = "0021"

_INSTANT = postgresql.TIMESTAMP(timezone=True, precision=3)
_VERSION, _DRAFT = "rulebook_version", "rulebook_draft"
_FIXED = (
    "policy",
    "number",
    "document",
    "overrides",
    "site_id",
    "effective_on",
    "effective_from",
    "published_by",
    "author_ids",
    "created_at",
)
# A version of before lasts until the next of its policy begins.
_LASTS = """
UPDATE app.rulebook_version v SET effective_until = (
    SELECT n.effective_from FROM app.rulebook_version n
    WHERE n.tenant_id = v.tenant_id AND n.policy = v.policy AND n.state = 'PUBLISHED'
      AND (n.effective_from, n.number) > (v.effective_from, v.number)
    ORDER BY n.effective_from, n.number LIMIT 1)
WHERE v.state = 'PUBLISHED'
"""


def upgrade() -> None:
    """Give versions a place and an end, then make the drafts."""
    _columns()
    _constraints()
    _draft()
    _indexes()
    run(fixing(_VERSION, _FIXED))


def _columns() -> None:
    for column in (
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("effective_until", _INSTANT, nullable=True),
        sa.Column(
            "author_ids", postgresql.ARRAY(sa.Uuid()), server_default=text("'{}'"), nullable=False
        ),
        sa.Column("unsimulated_reason", sa.Text(), nullable=True),
    ):
        op.add_column(_VERSION, column, schema="app")
    op.alter_column(_VERSION, "author_ids", server_default=None, schema="app")
    # Row security is forced on the owner too: for every tenant at once it has to stand aside.
    op.execute(f"ALTER TABLE app.{_VERSION} NO FORCE ROW LEVEL SECURITY")
    op.execute(_LASTS)
    op.execute(f"ALTER TABLE app.{_VERSION} FORCE ROW LEVEL SECURITY")


def _constraints() -> None:
    op.create_foreign_key(
        "rulebook_version_site_id_fk",
        _VERSION,
        "site",
        ["tenant_id", "site_id"],
        ["tenant_id", "id"],
        source_schema="app",
        referent_schema="app",
    )
    op.create_check_constraint(
        "rulebook_version_lasts_check",
        _VERSION,
        text("effective_until >= effective_from"),
        schema="app",
    )
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public")
    op.execute(
        "ALTER TABLE app.rulebook_version ADD CONSTRAINT rulebook_version_one_at_a_time_excl"
        " EXCLUDE USING gist (tenant_id WITH =, policy WITH =, coalesce(site_id, tenant_id) WITH =,"
        " tstzrange(effective_from, effective_until) WITH &&) WHERE (state = 'PUBLISHED')"
    )


def _draft() -> None:
    tenant_table(
        _DRAFT,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("based_on_id", sa.Uuid(), nullable=True),
        sa.Column("author_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("unsimulated_reason", sa.Text(), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", _INSTANT, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        *_draft_checks(),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="rulebook_draft_tenant_id_fk"
        ),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"app.{table}.tenant_id", f"app.{table}.id"],
                name=f"rulebook_draft_{column}_fk",
            )
            for column, table in (
                ("site_id", "site"),
                ("based_on_id", "rulebook_version"),
                ("version_id", "rulebook_version"),
                ("submitted_by", "member"),
                ("decided_by", "member"),
            )
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="rulebook_draft_pk"),
    )


def _draft_checks() -> list[sa.CheckConstraint]:
    checks = {
        "state": "state IN ('DRAFT', 'SUBMITTED', 'APPROVED', 'REJECTED', 'DISCARDED')",
        "name_length": "char_length(name) BETWEEN 1 AND 200",
        "text_length": "char_length(text) BETWEEN 1 AND 262144",
        "submitted": (
            "state <> 'SUBMITTED' OR (text_hash IS NOT NULL AND submitted_at IS NOT NULL)"
        ),
        "approved": "(state = 'APPROVED') = (version_id IS NOT NULL)",
        "four_eyes": "state <> 'APPROVED' OR NOT coalesce(decided_by = ANY(author_ids), false)",
        "decided": "state NOT IN ('APPROVED', 'REJECTED') OR decided_at IS NOT NULL",
    }
    return [
        sa.CheckConstraint(condition, name=f"rulebook_draft_{name}_check")
        for name, condition in checks.items()
    ]


def _indexes() -> None:
    index(
        "rulebook_version_site_id_policy_effective_from_ix",
        _VERSION,
        ["tenant_id", "site_id", "policy", "effective_from"],
        postgresql_where=text("site_id IS NOT NULL"),
    )
    index("rulebook_draft_created_at_id_ix", _DRAFT, ["tenant_id", "created_at", "id"])
    index(
        "rulebook_draft_state_created_at_id_ix",
        _DRAFT,
        ["tenant_id", "state", "created_at", "id"],
    )
    index(
        "rulebook_draft_site_id_created_at_id_ix",
        _DRAFT,
        ["tenant_id", "site_id", "created_at", "id"],
    )
    index(
        "rulebook_draft_version_id_key",
        _DRAFT,
        ["tenant_id", "version_id"],
        unique=True,
        postgresql_where=text("version_id IS NOT NULL"),
    )
