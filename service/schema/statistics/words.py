"""Dimensions that many statistics share: their words, and how days become weeks and months."""

from typing import Final

SITE: Final = "The site."
DAY: Final = "The day, in the site's time zone."
WEEK: Final = "The week, by its Monday, in the site's time zone."
MONTH: Final = "The month, by its first day, in the site's time zone."
HOUR: Final = "The hour of the day, 0 to 23, in the site's time zone."
ORG_UNIT: Final = "The unit."
TERRITORY: Final = "The territory."
NONE: Final = (
    "Dimensions of `groupBy` that the records of this row have nothing for; never left out."
)
HIDDEN: Final = (
    "Dimensions of `groupBy` whose record is out of the caller's sight; all such count in one row."
)
SITE_OF_RECORD: Final = "JOIN app.site z ON z.tenant_id = $1 AND z.id = t.site_id"
"""The site of a record that names it, as `z`."""


def week_of(local: str) -> str:
    """Write the Monday of a local day or time."""
    return f"date_trunc('week', {local}::timestamp)::date"


def month_of(local: str) -> str:
    """Write the first day of the month of a local day or time."""
    return f"date_trunc('month', {local}::timestamp)::date"


def local(instant: str) -> str:
    """Return SQL of an instant as the clock of the record's site `z` shows it."""
    return f"({instant} AT TIME ZONE z.time_zone)"


def hour_of(local: str) -> str:
    """Write the hour of a local time."""
    return f"extract(hour FROM {local})::integer"
