"""Models of the territory tree, when each is in force, and where each territory stands in it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.security import fixing

revision = "0051"
down_revision = "0050"

_INSTANT = postgresql.TIMESTAMP(timezone=True, precision=3)
_MODEL, _ACTIVATION, _PLACE = "territory_model", "territory_activation", "territory_place"
_READ = ("tenant", "territory")
_WRITTEN = (_MODEL, _ACTIVATION, _PLACE)

# A company that has had one tree since it was founded: that tree is its first model.
_FIRST = (
    "INSERT INTO app.territory_model (tenant_id, created_at, code, names)"
    " SELECT t.tenant_id, t.created_at, 'first', jsonb_build_object('en', 'First territories',"
    " 'zh-Hant', '最初轄區', 'zh-Hans', '最初辖区') FROM app.tenant t",
    "INSERT INTO app.territory_activation (tenant_id, created_at, territory_model_id, active_from)"
    " SELECT m.tenant_id, m.created_at, m.id, '2000-01-01T00:00:00Z' FROM app.territory_model m",
    "INSERT INTO app.territory_place (tenant_id, created_at, territory_model_id, territory_id,"
    " parent_id) SELECT y.tenant_id, y.created_at, m.id, y.id, y.parent_id FROM app.territory y"
    " JOIN app.territory_model m ON m.tenant_id = y.tenant_id",
)


def upgrade() -> None:
    """Make the tables, those first that others refer to, and every company's first model."""
    _models()
    _activations()
    _places()
    forced = (*_READ, *_WRITTEN)
    run(
        [
            # Row security holds the owner too: he would fill nothing.
            *(f"ALTER TABLE app.{name} NO FORCE ROW LEVEL SECURITY" for name in forced),
            *_FIRST,
            *(f"ALTER TABLE app.{name} FORCE ROW LEVEL SECURITY" for name in forced),
        ]
    )


def _recorded() -> list[Any]:
    return [
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
    ]


def _to(table: str, target: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"app.{target}.tenant_id", f"app.{target}.id"],
        name=f"{table}_{column}_fk",
    )


def _models() -> None:
    tenant_table(
        _MODEL,
        *_recorded(),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("based_on_id", sa.Uuid(), nullable=True),
        sa.Column("archived_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "char_length(code) BETWEEN 1 AND 64", name="territory_model_code_length_check"
        ),
        _to(_MODEL, _MODEL, "based_on_id"),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="territory_model_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="territory_model_pk"),
        sa.UniqueConstraint("tenant_id", "code", name="territory_model_code_key"),
    )
    index("territory_model_created_at_id_ix", _MODEL, ["tenant_id", "created_at", "id"])
    index("territory_model_created_by_ix", _MODEL, ["tenant_id", "created_by"])


def _activations() -> None:
    tenant_table(
        _ACTIVATION,
        *_recorded(),
        sa.Column("territory_model_id", sa.Uuid(), nullable=False),
        sa.Column("active_on", sa.Date(), nullable=True),
        sa.Column("active_from", _INSTANT, nullable=False),
        sa.Column("active_until", _INSTANT, nullable=True),
        sa.CheckConstraint("active_until >= active_from", name="territory_activation_lasts_check"),
        _to(_ACTIVATION, _MODEL, "territory_model_id"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="territory_activation_pk"),
    )
    run(
        [
            "ALTER TABLE app.territory_activation ADD CONSTRAINT"
            " territory_activation_one_at_a_time_excl EXCLUDE USING gist (tenant_id WITH =,"
            " tstzrange(active_from, active_until) WITH &&)",
            *fixing(_ACTIVATION, ("territory_model_id", "active_on", "active_from")),
        ]
    )
    index("territory_activation_active_from_id_ix", _ACTIVATION, ["tenant_id", "active_from", "id"])
    index(
        "territory_activation_territory_model_id_active_from_ix",
        _ACTIVATION,
        ["tenant_id", "territory_model_id", "active_from"],
    )


def _places() -> None:
    tenant_table(
        _PLACE,
        *_recorded(),
        sa.Column("territory_model_id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), server_default=text("0"), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("valid_from", _INSTANT, nullable=True),
        sa.Column("valid_until", _INSTANT, nullable=True),
        sa.CheckConstraint("parent_id <> territory_id", name="territory_place_below_another_check"),
        sa.CheckConstraint("valid_until >= valid_from", name="territory_place_lasts_check"),
        sa.CheckConstraint(
            "char_length(rule) BETWEEN 1 AND 4000", name="territory_place_rule_length_check"
        ),
        _to(_PLACE, _MODEL, "territory_model_id"),
        _to(_PLACE, "territory", "territory_id"),
        _to(_PLACE, "territory", "parent_id"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="territory_place_pk"),
        deletable=True,
    )
    run(
        [
            "ALTER TABLE app.territory_place ADD CONSTRAINT territory_place_once_excl"
            " EXCLUDE USING gist (tenant_id WITH =, territory_model_id WITH =,"
            " territory_id WITH =, tstzrange(valid_from, valid_until) WITH &&)"
        ]
    )
    index(
        "territory_place_territory_id_territory_model_id_ix",
        _PLACE,
        ["tenant_id", "territory_id", "territory_model_id"],
    )
    index(
        "territory_place_territory_model_id_position_id_ix",
        _PLACE,
        ["tenant_id", "territory_model_id", "position", "id"],
    )
    index("territory_place_parent_id_ix", _PLACE, ["tenant_id", "parent_id"])
