"""Registers, follow-ups, deals, claims, credit."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.security import PLATFORM_GRANTS

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    _register_book()
    _deal()
    _registration()
    _claim()
    _credit_entry()
    _credit_share()
    _follow_up()
    run(PLATFORM_GRANTS)


def _register_book() -> None:
    tenant_table(
        "register_book",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.Text(), nullable=False),
        sa.Column("voided_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="register_book_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["app.site.tenant_id", "app.site.id"],
            name="register_book_site_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="register_book_pk"),
    )
    index(
        "register_book_member_id_site_id_key",
        "register_book",
        ["tenant_id", "member_id", "site_id"],
        unique=True,
        postgresql_where=text("voided_at IS NULL"),
    )
    # ### end Alembic commands ###


def _deal() -> None:
    tenant_table(
        "deal",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "visit_arrived_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False
        ),
        sa.Column("closer_id", sa.Uuid(), nullable=False),
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("obligation", sa.Text(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("unit_code", sa.Text(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("signed_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column(
            "provisional_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True
        ),
        sa.Column("counted_from", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column(
            "claims_close_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False
        ),
        sa.Column("credit_decision_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "owner_kind IN ('MEMBER', 'COMPANY', 'NOBODY')", name="deal_owner_kind_check"
        ),
        sa.CheckConstraint("(amount_minor IS NULL) = (currency IS NULL)", name="deal_amount_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "closer_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="deal_closer_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="deal_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="deal_owner_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"],
            ["app.party.tenant_id", "app.party.id"],
            name="deal_party_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"], ["app.site.tenant_id", "app.site.id"], name="deal_site_id_fk"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="deal_territory_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "visit_id"],
            ["app.visit.tenant_id", "app.visit.id"],
            name="deal_visit_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="deal_pk"),
    )
    index(
        "deal_org_unit_id_signed_at_id_ix", "deal", ["tenant_id", "org_unit_id", "signed_at", "id"]
    )
    index("deal_owner_id_signed_at_id_ix", "deal", ["tenant_id", "owner_id", "signed_at", "id"])
    index("deal_party_id_ix", "deal", ["tenant_id", "party_id"])
    index("deal_signed_at_id_ix", "deal", ["tenant_id", "signed_at", "id"])
    index(
        "deal_territory_id_signed_at_id_ix",
        "deal",
        ["tenant_id", "territory_id", "signed_at", "id"],
    )
    index("deal_visit_id_key", "deal", ["tenant_id", "visit_id"], unique=True)
    # ### end Alembic commands ###


def _registration() -> None:
    tenant_table(
        "registration",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("register_book_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("entered_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("ranks_from", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("reception_day", sa.Date(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column(
            "protected_until", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True
        ),
        sa.Column(
            "first_follow_up_due_at",
            postgresql.TIMESTAMP(timezone=True, precision=3),
            nullable=True,
        ),
        sa.Column(
            "first_followed_up_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True
        ),
        sa.Column("voided_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("converted_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("superseded_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("lapsed_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column(
            "first_follow_up_breached_at",
            postgresql.TIMESTAMP(timezone=True, precision=3),
            nullable=True,
        ),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("entry_number", sa.Integer(), nullable=False),
        sa.Column("entry_hash", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "result IN ('VALID', 'INVALID_INCOMPLETE', 'INVALID_LATE')",
            name="registration_result_check",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "corrects_id"],
            ["app.registration.tenant_id", "app.registration.id"],
            name="registration_corrects_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="registration_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="registration_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"],
            ["app.party.tenant_id", "app.party.id"],
            name="registration_party_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "register_book_id"],
            ["app.register_book.tenant_id", "app.register_book.id"],
            name="registration_register_book_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["app.site.tenant_id", "app.site.id"],
            name="registration_site_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="registration_territory_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "visit_id"],
            ["app.visit.tenant_id", "app.visit.id"],
            name="registration_visit_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="registration_pk"),
        sa.UniqueConstraint(
            "tenant_id",
            "register_book_id",
            "entry_number",
            name="registration_register_book_id_entry_number_key",
        ),
    )
    index(
        "registration_corrects_id_key",
        "registration",
        ["tenant_id", "corrects_id"],
        unique=True,
        postgresql_where=text("corrects_id IS NOT NULL"),
    )
    index("registration_entered_at_id_ix", "registration", ["tenant_id", "entered_at", "id"])
    index(
        "registration_member_id_entered_at_id_ix",
        "registration",
        ["tenant_id", "member_id", "entered_at", "id"],
    )
    index(
        "registration_org_unit_id_entered_at_id_ix",
        "registration",
        ["tenant_id", "org_unit_id", "entered_at", "id"],
    )
    index(
        "registration_party_id_entered_at_ix",
        "registration",
        ["tenant_id", "party_id", "entered_at"],
    )
    index(
        "registration_protected_until_id_ix", "registration", ["tenant_id", "protected_until", "id"]
    )
    index(
        "registration_territory_id_entered_at_id_ix",
        "registration",
        ["tenant_id", "territory_id", "entered_at", "id"],
    )
    index("registration_visit_id_ix", "registration", ["tenant_id", "visit_id"])
    index(
        "registration_visit_id_party_id_member_id_key",
        "registration",
        ["tenant_id", "visit_id", "party_id", "member_id"],
        unique=True,
        postgresql_where=text("result = 'VALID' AND superseded_at IS NULL AND voided_at IS NULL"),
    )
    # ### end Alembic commands ###


def _claim() -> None:
    tenant_table(
        "claim",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("claimant_id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=True),
        sa.Column("filed_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("stated_same_customer", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("result IN ('ADMITTED', 'REJECTED')", name="claim_result_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "claimant_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="claim_claimant_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deal_id"], ["app.deal.tenant_id", "app.deal.id"], name="claim_deal_id_fk"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "registration_id"],
            ["app.registration.tenant_id", "app.registration.id"],
            name="claim_registration_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="claim_pk"),
    )
    index(
        "claim_claimant_id_filed_at_id_ix", "claim", ["tenant_id", "claimant_id", "filed_at", "id"]
    )
    index(
        "claim_deal_id_claimant_id_key",
        "claim",
        ["tenant_id", "deal_id", "claimant_id"],
        unique=True,
        postgresql_where=text("result = 'ADMITTED'"),
    )
    index(
        "claim_deal_id_claimant_id_registration_id_reason_key",
        "claim",
        ["tenant_id", "deal_id", "claimant_id", "registration_id", "reason"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=text("result = 'REJECTED'"),
    )
    index("claim_deal_id_filed_at_ix", "claim", ["tenant_id", "deal_id", "filed_at"])
    index("claim_filed_at_id_ix", "claim", ["tenant_id", "filed_at", "id"])
    # ### end Alembic commands ###


def _credit_entry() -> None:
    tenant_table(
        "credit_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("credited_on", sa.Date(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("details", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deal_id"],
            ["app.deal.tenant_id", "app.deal.id"],
            name="credit_entry_deal_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "decision_id"],
            ["app.decision.tenant_id", "app.decision.id"],
            name="credit_entry_decision_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="credit_entry_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reverses_id"],
            ["app.credit_entry.tenant_id", "app.credit_entry.id"],
            name="credit_entry_reverses_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="credit_entry_pk"),
        append_only=True,
    )
    index("credit_entry_deal_id_ix", "credit_entry", ["tenant_id", "deal_id"])
    index(
        "credit_entry_deal_id_metric_holder_member_id_key",
        "credit_entry",
        ["tenant_id", "deal_id", "metric", "holder", "member_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=text("reverses_id IS NULL"),
    )
    index(
        "credit_entry_member_id_credited_on_ix",
        "credit_entry",
        ["tenant_id", "member_id", "credited_on"],
    )
    # ### end Alembic commands ###


def _credit_share() -> None:
    tenant_table(
        "credit_share",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name="credit_share_points_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deal_id"],
            ["app.deal.tenant_id", "app.deal.id"],
            name="credit_share_deal_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "decision_id"],
            ["app.decision.tenant_id", "app.decision.id"],
            name="credit_share_decision_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="credit_share_member_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="credit_share_pk"),
        append_only=True,
    )
    index(
        "credit_share_deal_id_decision_id_ix",
        "credit_share",
        ["tenant_id", "deal_id", "decision_id"],
    )
    # ### end Alembic commands ###


def _follow_up() -> None:
    tenant_table(
        "follow_up",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("stated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("connected", sa.Boolean(), nullable=False),
        sa.Column("renewed", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("next_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("entry_number", sa.Integer(), nullable=False),
        sa.Column("entry_hash", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "char_length(content) BETWEEN 1 AND 4000", name="follow_up_content_length_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "corrects_id"],
            ["app.follow_up.tenant_id", "app.follow_up.id"],
            name="follow_up_corrects_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="follow_up_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="follow_up_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "registration_id"],
            ["app.registration.tenant_id", "app.registration.id"],
            name="follow_up_registration_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="follow_up_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="follow_up_pk"),
        sa.UniqueConstraint(
            "tenant_id",
            "registration_id",
            "entry_number",
            name="follow_up_registration_id_entry_number_key",
        ),
        append_only=True,
    )
    index("follow_up_at_id_ix", "follow_up", ["tenant_id", "at", "id"])
    index(
        "follow_up_corrects_id_key",
        "follow_up",
        ["tenant_id", "corrects_id"],
        unique=True,
        postgresql_where=text("corrects_id IS NOT NULL"),
    )
    index("follow_up_member_id_at_id_ix", "follow_up", ["tenant_id", "member_id", "at", "id"])
    index("follow_up_org_unit_id_at_id_ix", "follow_up", ["tenant_id", "org_unit_id", "at", "id"])
    index(
        "follow_up_registration_id_at_id_ix",
        "follow_up",
        ["tenant_id", "registration_id", "at", "id"],
    )
    index("follow_up_territory_id_at_id_ix", "follow_up", ["tenant_id", "territory_id", "at", "id"])
    # ### end Alembic commands ###
