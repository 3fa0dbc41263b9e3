"""Sites, shifts, presence, the live queue, visits, calls."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    _site()
    _call_record()
    _presence()
    _queue_event()
    _rotation_queue()
    _shift()
    _visit()
    _visit_party()


def _site() -> None:
    tenant_table(
        "site",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("phone_region", sa.Text(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("opens_at", sa.Time(), nullable=False),
        sa.Column("closes_at", sa.Time(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('SHOWROOM', 'DEALERSHIP', 'REGION_OFFICE')", name="site_kind_check"
        ),
        sa.CheckConstraint("char_length(code) BETWEEN 1 AND 64", name="site_code_length_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "manager_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="site_manager_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="site_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="site_territory_id_fk",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["app.tenant.tenant_id"], name="site_tenant_id_fk"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="site_pk"),
        sa.UniqueConstraint("tenant_id", "code", name="site_code_key"),
    )
    index("site_created_at_id_ix", "site", ["tenant_id", "created_at", "id"])
    # ### end Alembic commands ###


def _call_record() -> None:
    tenant_table(
        "call_record",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("called_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("taker_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("caller_name", sa.Text(), nullable=True),
        sa.Column("need", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("rings", sa.Integer(), nullable=True),
        sa.Column("duration_seconds", sa.Integer(), nullable=True),
        sa.CheckConstraint("phone ~ '^[+][1-9][0-9]{2,14}$'", name="call_record_phone_check"),
        sa.CheckConstraint("rings >= 0 AND duration_seconds >= 0", name="call_record_length_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="call_record_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["app.site.tenant_id", "app.site.id"],
            name="call_record_site_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "taker_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="call_record_taker_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="call_record_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="call_record_pk"),
    )
    index("call_record_called_at_id_ix", "call_record", ["tenant_id", "called_at", "id"])
    index(
        "call_record_org_unit_id_called_at_id_ix",
        "call_record",
        ["tenant_id", "org_unit_id", "called_at", "id"],
    )
    index("call_record_phone_called_at_ix", "call_record", ["tenant_id", "phone", "called_at"])
    index(
        "call_record_taker_id_called_at_id_ix",
        "call_record",
        ["tenant_id", "taker_id", "called_at", "id"],
    )
    index(
        "call_record_territory_id_called_at_id_ix",
        "call_record",
        ["tenant_id", "territory_id", "called_at", "id"],
    )
    # ### end Alembic commands ###


def _presence() -> None:
    tenant_table(
        "presence",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("signed_in_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.CheckConstraint(
            "state IN ('IN', 'AWAY_BUSINESS', 'AWAY_PRIVATE', 'OUT', 'DAY_OFF')",
            name="presence_state_check",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="presence_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["app.site.tenant_id", "app.site.id"],
            name="presence_site_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="presence_pk"),
        sa.UniqueConstraint(
            "tenant_id", "site_id", "day", "member_id", name="presence_site_id_day_member_id_key"
        ),
    )
    index("presence_member_id_day_ix", "presence", ["tenant_id", "member_id", "day"])
    # ### end Alembic commands ###


def _queue_event() -> None:
    tenant_table(
        "queue_event",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "change IN ('JOIN', 'CONSUME', 'SKIP', 'RESTORE', 'LEAVE', 'OVERRIDE')",
            name="queue_event_change_check",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="queue_event_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["app.site.tenant_id", "app.site.id"],
            name="queue_event_site_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="queue_event_pk"),
        append_only=True,
    )
    index(
        "queue_event_site_id_day_at_id_ix",
        "queue_event",
        ["tenant_id", "site_id", "day", "at", "id"],
    )
    # ### end Alembic commands ###


def _rotation_queue() -> None:
    tenant_table(
        "rotation_queue",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("member_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column(
            "turns",
            postgresql.JSONB(none_as_null=True),
            server_default=text("'{}'"),
            nullable=False,
        ),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["app.site.tenant_id", "app.site.id"],
            name="rotation_queue_site_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="rotation_queue_pk"),
        sa.UniqueConstraint("tenant_id", "site_id", name="rotation_queue_site_id_key"),
    )
    # ### end Alembic commands ###


def _shift() -> None:
    tenant_table(
        "shift",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("ends_at", sa.Time(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name="shift_lasts_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="shift_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"], ["app.site.tenant_id", "app.site.id"], name="shift_site_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="shift_pk"),
    )
    index("shift_day_id_ix", "shift", ["tenant_id", "day", "id"])
    index("shift_member_id_day_ix", "shift", ["tenant_id", "member_id", "day"])
    index("shift_site_id_day_ix", "shift", ["tenant_id", "site_id", "day"])
    # ### end Alembic commands ###


def _visit() -> None:
    tenant_table(
        "visit",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reception_day", sa.Date(), nullable=False),
        sa.Column("arrived_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("stated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("left_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("phones", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("said_before", sa.Boolean(), nullable=False),
        sa.Column("named_member_id", sa.Uuid(), nullable=True),
        sa.Column("referrer_party_id", sa.Uuid(), nullable=True),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=True),
        sa.Column("taken_by_id", sa.Uuid(), nullable=True),
        sa.Column("receiver_id", sa.Uuid(), nullable=True),
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("obligation", sa.Text(), nullable=False),
        sa.Column("turn_member_id", sa.Uuid(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "mode IN ('TURN', 'DOUBLE', 'OWN_RETURN', 'NAMED', 'OBLIGATORY', 'SURVEY', 'MANAGER', 'WAIT')",
            name="visit_mode_check",
        ),
        sa.CheckConstraint(
            "obligation IN ('NONE', 'OLD_CUSTOMER', 'NAMED_REP', 'DAY_OFF')",
            name="visit_obligation_check",
        ),
        sa.CheckConstraint(
            "owner_kind IN ('MEMBER', 'COMPANY', 'NOBODY')", name="visit_owner_kind_check"
        ),
        sa.CheckConstraint("state IN ('WAITING', 'ASSIGNED', 'CLOSED')", name="visit_state_check"),
        sa.CheckConstraint(
            "survey IN ('NONE', 'SUSPECTED', 'DECLARED', 'EXPOSED')", name="visit_survey_check"
        ),
        sa.CheckConstraint("way IN ('WALK_IN', 'PHONE_FIRST', 'REFERRAL')", name="visit_way_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "named_member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="visit_named_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="visit_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="visit_owner_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"],
            ["app.party.tenant_id", "app.party.id"],
            name="visit_party_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "receiver_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="visit_receiver_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "referrer_party_id"],
            ["app.party.tenant_id", "app.party.id"],
            name="visit_referrer_party_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"], ["app.site.tenant_id", "app.site.id"], name="visit_site_id_fk"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "taken_by_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="visit_taken_by_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="visit_territory_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "turn_member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="visit_turn_member_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="visit_pk"),
        sa.UniqueConstraint(
            "tenant_id",
            "site_id",
            "reception_day",
            "number",
            name="visit_site_id_reception_day_number_key",
        ),
    )
    index("visit_arrived_at_id_ix", "visit", ["tenant_id", "arrived_at", "id"])
    index(
        "visit_org_unit_id_arrived_at_id_ix",
        "visit",
        ["tenant_id", "org_unit_id", "arrived_at", "id"],
    )
    index("visit_owner_id_arrived_at_id_ix", "visit", ["tenant_id", "owner_id", "arrived_at", "id"])
    index("visit_party_id_arrived_at_ix", "visit", ["tenant_id", "party_id", "arrived_at"])
    index(
        "visit_receiver_id_arrived_at_id_ix",
        "visit",
        ["tenant_id", "receiver_id", "arrived_at", "id"],
    )
    index("visit_site_id_arrived_at_id_ix", "visit", ["tenant_id", "site_id", "arrived_at", "id"])
    index(
        "visit_site_id_reception_day_ix",
        "visit",
        ["tenant_id", "site_id", "reception_day"],
        postgresql_where=text("left_at IS NULL"),
    )
    index(
        "visit_territory_id_arrived_at_id_ix",
        "visit",
        ["tenant_id", "territory_id", "arrived_at", "id"],
    )
    # ### end Alembic commands ###


def _visit_party() -> None:
    tenant_table(
        "visit_party",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"],
            ["app.party.tenant_id", "app.party.id"],
            name="visit_party_party_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "visit_id"],
            ["app.visit.tenant_id", "app.visit.id"],
            name="visit_party_visit_id_fk",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="visit_party_pk"),
        sa.UniqueConstraint(
            "tenant_id", "visit_id", "party_id", name="visit_party_visit_id_party_id_key"
        ),
    )
    index("visit_party_party_id_ix", "visit_party", ["tenant_id", "party_id"])
    # ### end Alembic commands ###
