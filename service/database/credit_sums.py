"""Sums by day of what counts toward metrics, kept by the database in the same transaction."""

from typing import Final

from service.database.tables import SCHEMA

# In one order, so that two that add to the same days do not wait for each other.
CREDIT_FUNCTIONS: Final = (
    f"""
CREATE FUNCTION {SCHEMA}.sum_metric_credits() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO {SCHEMA}.metric_credit_day AS d (tenant_id, metric_id, kind, credited_on,
        territory_id, org_unit_id, member_id, amount, base, entry_count)
    SELECT a.tenant_id, a.metric_id, a.kind, a.credited_on, a.territory_id, a.org_unit_id,
        a.member_id, sum(a.amount), coalesce(sum(a.base), 0), count(*)
    FROM added a GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (tenant_id, metric_id, kind, credited_on, territory_id, org_unit_id, member_id)
    DO UPDATE SET amount = d.amount + excluded.amount, base = d.base + excluded.base,
        entry_count = d.entry_count + excluded.entry_count;
    RETURN NULL;
END $$
""",
)
CREDIT_TRIGGERS: Final = (
    f"""
CREATE TRIGGER metric_credit_summed AFTER INSERT ON {SCHEMA}.metric_credit
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.sum_metric_credits()
""",
)

# A board of a year reads whole months, and days of the rest alone.
CREDIT_MONTH_FUNCTIONS: Final = (
    f"""
CREATE OR REPLACE FUNCTION {SCHEMA}.sum_metric_credit_months() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO {SCHEMA}.metric_credit_month AS m (tenant_id, metric_id, kind, credited_on,
        territory_id, org_unit_id, member_id, amount, base, entry_count)
    SELECT a.tenant_id, a.metric_id, a.kind, date_trunc('month', a.credited_on::timestamp)::date,
        a.territory_id, a.org_unit_id, a.member_id, sum(a.amount), coalesce(sum(a.base), 0),
        count(*)
    FROM added a GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (tenant_id, metric_id, kind, credited_on, territory_id, org_unit_id, member_id)
    DO UPDATE SET amount = m.amount + excluded.amount, base = m.base + excluded.base,
        entry_count = m.entry_count + excluded.entry_count;
    RETURN NULL;
END $$
""",
)
CREDIT_MONTH_TRIGGERS: Final = (
    f"""
CREATE TRIGGER metric_credit_summed_by_month AFTER INSERT ON {SCHEMA}.metric_credit
REFERENCING NEW TABLE AS added FOR EACH STATEMENT
EXECUTE FUNCTION {SCHEMA}.sum_metric_credit_months()
""",
)

# A board of a past day leaves out what came to be known after it.
CREDIT_LATE_FUNCTIONS: Final = (
    f"""
CREATE FUNCTION {SCHEMA}.sum_late_metric_credits() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO {SCHEMA}.metric_credit_late AS l (tenant_id, metric_id, kind, credited_on,
        recorded_on, territory_id, org_unit_id, member_id, amount, base, entry_count)
    SELECT a.tenant_id, a.metric_id, a.kind, a.credited_on,
        (a.recorded_at AT TIME ZONE t.time_zone)::date, a.territory_id, a.org_unit_id,
        a.member_id, sum(a.amount), coalesce(sum(a.base), 0), count(*)
    FROM added a JOIN {SCHEMA}.tenant t ON t.tenant_id = a.tenant_id
    WHERE (a.recorded_at AT TIME ZONE t.time_zone)::date > a.credited_on
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
    ON CONFLICT (tenant_id, metric_id, kind, credited_on, recorded_on, territory_id, org_unit_id,
        member_id)
    DO UPDATE SET amount = l.amount + excluded.amount, base = l.base + excluded.base,
        entry_count = l.entry_count + excluded.entry_count;
    RETURN NULL;
END $$
""",
)
CREDIT_LATE_TRIGGERS: Final = (
    f"""
CREATE TRIGGER metric_credit_summed_if_late AFTER INSERT ON {SCHEMA}.metric_credit
REFERENCING NEW TABLE AS added FOR EACH STATEMENT
EXECUTE FUNCTION {SCHEMA}.sum_late_metric_credits()
""",
)

# What follows customers to another territory is their history, whatever the ledger's length.
CREDIT_PARTY_FUNCTIONS: Final = (
    f"""
CREATE FUNCTION {SCHEMA}.sum_metric_credits_of_parties() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO {SCHEMA}.metric_credit_party_month AS p (tenant_id, metric_id, credited_on,
        party_id, territory_id, product_code, amount)
    SELECT a.tenant_id, a.metric_id, date_trunc('month', a.credited_on::timestamp)::date,
        a.party_id, a.territory_id, a.product_code, sum(a.amount)
    FROM added a WHERE a.kind = 'PRIMARY'
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (tenant_id, metric_id, credited_on, party_id, territory_id, product_code)
    DO UPDATE SET amount = p.amount + excluded.amount;
    RETURN NULL;
END $$
""",
)
CREDIT_PARTY_TRIGGERS: Final = (
    f"""
CREATE TRIGGER metric_credit_summed_by_party AFTER INSERT ON {SCHEMA}.metric_credit
REFERENCING NEW TABLE AS added FOR EACH STATEMENT
EXECUTE FUNCTION {SCHEMA}.sum_metric_credits_of_parties()
""",
)

# What names neither channel nor product is in no line of business.
CREDIT_LINE_FUNCTIONS: Final = (
    f"""
CREATE FUNCTION {SCHEMA}.sum_metric_credits_of_lines() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO {SCHEMA}.metric_credit_line_day AS l (tenant_id, metric_id, credited_on,
        recorded_on, kind, channel_code, product_code, territory_id, org_unit_id, member_id,
        amount, base, entry_count)
    SELECT a.tenant_id, a.metric_id, a.credited_on,
        (a.recorded_at AT TIME ZONE t.time_zone)::date, a.kind, a.channel_code, a.product_code,
        a.territory_id, a.org_unit_id, a.member_id, sum(a.amount), coalesce(sum(a.base), 0),
        count(*)
    FROM added a JOIN {SCHEMA}.tenant t ON t.tenant_id = a.tenant_id
    WHERE a.channel_code IS NOT NULL OR a.product_code IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    ON CONFLICT (tenant_id, metric_id, credited_on, recorded_on, kind, channel_code, product_code,
        territory_id, org_unit_id, member_id)
    DO UPDATE SET amount = l.amount + excluded.amount, base = l.base + excluded.base,
        entry_count = l.entry_count + excluded.entry_count;
    RETURN NULL;
END $$
""",
)
CREDIT_LINE_TRIGGERS: Final = (
    f"""
CREATE TRIGGER metric_credit_summed_by_line AFTER INSERT ON {SCHEMA}.metric_credit
REFERENCING NEW TABLE AS added FOR EACH STATEMENT
EXECUTE FUNCTION {SCHEMA}.sum_metric_credits_of_lines()
""",
)
