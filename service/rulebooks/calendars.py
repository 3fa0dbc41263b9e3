"""What is in force where on which day, as SQL to be joined into a statement; $1 is the tenant.

It says what `service.rulebooks.rules.calendar` says, and a test holds it to that.
"""

from typing import Final

# The first instant of a local day, also where a clock change takes midnight away or has it twice:
# the minute before is there, and once.
START_OF_DAY: Final = (
    "(({day})::timestamp - interval '1 minute') AT TIME ZONE {zone} + interval '1 minute'"
)
COMPANYS_ZONE: Final = "(SELECT n.time_zone FROM app.tenant n WHERE n.tenant_id = $1)"
SITES_ZONE: Final = "(SELECT s.time_zone FROM app.site s WHERE s.tenant_id = $1 AND s.id = {site})"


def begins_at(zone: str) -> str:
    """Write when a version `v` of the whole company begins where the clock is that of a zone."""
    day = START_OF_DAY.format(day="v.effective_on", zone=zone)
    return f"coalesce({day}, v.effective_from)"


def calendar_of(policy: str, site: str, zone: str) -> str:
    """Write the spans of a policy's calendar in no order: `version_id`, from when until when.

    `begins_at` and `ends_at` are half-open, `ends_at` is null while nothing follows; `of_site` says
    whether the version is the site's own, `zone` whose clock it is. Nothing where there is no zone.

    Args:
        policy: SQL for the rulebook's name.
        site: SQL for the site's id; null: wherever no site has its own.
        zone: SQL for the time zone that cuts its days.
    """
    # `common` is in the company's order: a version published later that began at an instant stays
    # where midnight of the earlier one's day comes only after it.
    return f"""
WITH known AS (
    SELECT v.id, v.number, v.site_id, v.effective_from AS begins, v.effective_until AS ends,
           place.zone, {begins_at("place.zone")} AS begins_here
    FROM app.rulebook_version v CROSS JOIN (SELECT {zone} AS zone) place
    WHERE v.tenant_id = $1 AND v.policy = {policy} AND v.state = 'PUBLISHED'
      AND (v.site_id IS NULL OR v.site_id = {site}) AND place.zone IS NOT NULL
), common AS (
    SELECT k.id, k.zone, k.begins_here AS begins, min(k.begins_here) OVER (
        ORDER BY k.begins, k.number ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS ends
    FROM known k WHERE k.site_id IS NULL
), own AS (
    SELECT k.id, k.zone, k.begins, k.ends FROM known k
    WHERE k.site_id IS NOT NULL AND (k.ends IS NULL OR k.ends > k.begins)
)
SELECT c.id AS version_id, lower(part.span) AS begins_at, upper(part.span) AS ends_at,
       FALSE AS of_site, c.zone
FROM common c CROSS JOIN LATERAL unnest(
    tstzmultirange(tstzrange(c.begins, c.ends))
    - coalesce((SELECT range_agg(tstzrange(o.begins, o.ends)) FROM own o), tstzmultirange())
) part (span)
WHERE c.ends IS NULL OR c.begins < c.ends
UNION ALL
SELECT o.id, o.begins, o.ends, TRUE, o.zone FROM own o
"""


def version_in(calendar: str, at: str) -> str:
    """Write the id of the version that decides at an instant of a calendar, as a sub-select."""
    return (
        f"(SELECT k.version_id FROM ({calendar}) k"
        f" WHERE k.begins_at <= {at} AND (k.ends_at IS NULL OR k.ends_at > {at}) LIMIT 1)"
    )
