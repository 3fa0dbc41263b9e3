"""Leave and shifts can be taken back; of one member no two stand at a time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run
from service.database.security import fixing

revision = "0105"
down_revision = "0104"

_INSTANT = postgresql.TIMESTAMP(timezone=True, precision=3)
# Of two shifts that overlap the one that was planned first stands, as far as that stands itself.
_FIRST_STANDS = """
DO $$
DECLARE later record;
BEGIN
    FOR later IN
        SELECT s.tenant_id, s.id FROM app.shift s
        WHERE EXISTS (
            SELECT FROM app.shift o
            WHERE o.tenant_id = s.tenant_id AND o.member_id = s.member_id AND o.day = s.day
              AND o.id <> s.id AND o.starts_at < s.ends_at AND s.starts_at < o.ends_at)
        ORDER BY s.tenant_id, s.created_at, s.id
    LOOP
        UPDATE app.shift s SET cancelled_at = s.created_at, version = s.version + 1
        WHERE s.tenant_id = later.tenant_id AND s.id = later.id AND EXISTS (
            SELECT FROM app.shift o
            WHERE o.tenant_id = s.tenant_id AND o.member_id = s.member_id AND o.day = s.day
              AND (o.created_at, o.id) < (s.created_at, s.id) AND o.cancelled_at IS NULL
              AND o.starts_at < s.ends_at AND s.starts_at < o.ends_at);
    END LOOP;
END $$
"""


def upgrade() -> None:
    """Add the columns, the constraints and what the list of leave is read by."""
    for table in ("leave", "shift"):
        op.add_column(table, sa.Column("cancelled_at", _INSTANT, nullable=True), schema="app")
    run(
        [
            # Row security holds the owner too: he would find nothing.
            "ALTER TABLE app.shift NO FORCE ROW LEVEL SECURITY",
            _FIRST_STANDS,
            "ALTER TABLE app.shift FORCE ROW LEVEL SECURITY",
            "SET CONSTRAINTS ALL IMMEDIATE",
            "ALTER TABLE app.shift ADD CONSTRAINT shift_one_at_a_time_excl EXCLUDE USING gist"
            " (tenant_id WITH =, member_id WITH =, tsrange(day + starts_at, day + ends_at) WITH &&)"
            " WHERE (cancelled_at IS NULL)",
            "ALTER TABLE app.leave ADD CONSTRAINT leave_one_at_a_time_excl EXCLUDE USING gist"
            " (tenant_id WITH =, member_id WITH =, daterange(first_day, last_day, '[]') WITH &&)"
            " WHERE (cancelled_at IS NULL)",
            *fixing("leave", ("member_id", "first_day")),
            *fixing("shift", ("site_id", "member_id")),
        ]
    )
    for table, standing, day in (("leave", "RECORDED", "first_day"), ("shift", "PLANNED", "day")):
        run(
            [
                f"ALTER TABLE app.{table} ADD COLUMN state text GENERATED ALWAYS AS (CASE WHEN"
                f" cancelled_at IS NULL THEN '{standing}' ELSE 'CANCELLED' END) STORED NOT NULL"
            ]
        )
        index(f"{table}_state_{day}_id_ix", table, ["tenant_id", "state", day, "id"])
    index("leave_first_day_id_ix", "leave", ["tenant_id", "first_day", "id"])
