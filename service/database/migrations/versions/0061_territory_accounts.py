"""What is known of customers, the conditions that ask for it, and customers listed by name."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.security import fixing

revision = "0061"
down_revision = "0059"

_INSTANT = postgresql.TIMESTAMP(timezone=True, precision=3)


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    tenant_table(
        "account_trait",
        *_recorded(),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("least", sa.BigInteger(), nullable=True),
        sa.Column("most", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('FLAG', 'NUMBER', 'WORD')", name="account_trait_kind_check"),
        sa.CheckConstraint("code ~ '^[a-z][a-z0-9_]{0,39}$'", name="account_trait_code_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="account_trait_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="account_trait_pk"),
        sa.UniqueConstraint("tenant_id", "code", name="account_trait_code_key"),
    )
    run(fixing("account_trait", ("code", "kind", "least", "most")))
    _linked(
        "party_trait", ("party", "account_trait"), sa.Column("value", sa.Text(), nullable=False)
    )
    _linked("territory_account", ("territory_model", "territory", "party"))
    _moves()
    for table, columns in (
        ("party_trait", ("account_trait_id", "value")),
        ("territory_account", ("territory_model_id", "territory_id", "id")),
        ("territory_account", ("party_id",)),
        ("territory_account", ("territory_id",)),
    ):
        index(f"{table}_{'_'.join(columns)}_ix", table, ["tenant_id", *columns])


def _recorded() -> list[Any]:
    return [
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
    ]


def _linked(name: str, targets: tuple[str, ...], *more: Any) -> None:  # noqa: ANN401 - columns
    first, last = (targets[0], targets[-1])
    tenant_table(
        name,
        *_recorded(),
        *(sa.Column(f"{target}_id", sa.Uuid(), nullable=False) for target in targets),
        *more,
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", f"{target}_id"],
                [f"app.{target}.tenant_id", f"app.{target}.id"],
                name=f"{name}_{target}_id_fk",
            )
            for target in targets
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"{name}_pk"),
        sa.UniqueConstraint(
            *("tenant_id", f"{first}_id", f"{last}_id"), name=f"{name}_{first}_id_{last}_id_key"
        ),
        deletable=True,
    )


def _moves() -> None:
    name = "territory_move"
    places = {
        "territory_model_id": "territory_model",
        "party_id": "party",
        "from_territory_id": "territory",
        "to_territory_id": "territory",
        "owner_id": "member",
        "org_unit_id": "org_unit",
    }
    always = ("territory_model_id", "party_id")
    tenant_table(
        name,
        *_recorded(),
        *(sa.Column(column, sa.Uuid(), nullable=column not in always) for column in places),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("registration_count", sa.Integer(), nullable=False),
        sa.Column("deal_count", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('LISTED', 'RULE', 'LEFT_OUT')", name="territory_move_reason_check"
        ),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"app.{target}.tenant_id", f"app.{target}.id"],
                name=f"{name}_{column}_fk",
            )
            for column, target in places.items()
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="territory_move_pk"),
        sa.UniqueConstraint(
            *("tenant_id", "territory_model_id", "created_by", "party_id"),
            name="territory_move_once_key",
        ),
        deletable=True,
    )
    for columns in (
        ("territory_model_id", "created_at", "id"),
        ("created_by", "created_at", "id"),
        ("party_id",),
    ):
        index(f"{name}_{'_'.join(columns)}_ix", name, ["tenant_id", *columns])
