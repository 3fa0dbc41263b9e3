"""What the commands of a rulebook's life stand on: drafts, windows, sites, locked."""

from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from service.database.session import Row, Session
from service.errors import NotFound
from service.policies.access import Record
from service.rulebooks.rules import Window

DRAFT: Final = ("input", "draftId")
VERSION: Final = ("input", "versionId")
SITE: Final = ("input", "siteId")

_WINDOWS: Final = (
    "SELECT id, number, site_id, effective_from, effective_until, effective_on"
    " FROM app.rulebook_version WHERE tenant_id = $1 AND policy = $2 AND state = 'PUBLISHED'"
)


def window_of(row: Row) -> Window:
    """Read a version's window from its row."""
    return Window(
        version_id=row["id"],
        number=row["number"],
        site_id=row["site_id"],
        begins=row["effective_from"],
        ends=row["effective_until"],
        day=row["effective_on"],
    )


async def windows(session: Session, policy: str) -> list[Window]:
    """Return the windows of every published version of a policy."""
    return [window_of(row) for row in await session.fetch(_WINDOWS, session.tenant_id, policy)]


async def locked_windows(session: Session, policy: str) -> list[Window]:
    """Lock the published versions of a policy, by id, and return their windows."""
    rows = await session.fetch(
        f"{_WINDOWS} ORDER BY id FOR NO KEY UPDATE", session.tenant_id, policy
    )
    return [window_of(row) for row in rows]


async def zones(session: Session, site_id: UUID | None) -> list[ZoneInfo]:
    """Return the zones in which a version would begin: its site's, or the company's and all sites'.

    The first is the one its window is kept by.
    """
    if site_id is not None:
        rows = await session.fetch(
            "SELECT time_zone FROM app.site WHERE tenant_id = $1 AND id = $2",
            session.tenant_id,
            site_id,
        )
    else:
        rows = await session.fetch(
            "SELECT time_zone FROM app.tenant WHERE tenant_id = $1"
            " UNION ALL SELECT DISTINCT time_zone FROM app.site WHERE tenant_id = $1",
            session.tenant_id,
        )
    return [ZoneInfo(row["time_zone"]) for row in rows]


async def place_of(session: Session, site_id: UUID | None) -> Record:
    """Return where a rulebook holds, as the duties see it: a site's unit, or the whole company.

    Raises:
        NotFound: no such site.
    """
    if site_id is None:
        return Record()
    row = await session.fetch_one(
        "SELECT org_unit_id, territory_id FROM app.site WHERE tenant_id = $1 AND id = $2",
        session.tenant_id,
        site_id,
    )
    if row is None:
        raise NotFound(field=SITE)
    return Record(org_unit_id=row["org_unit_id"], territory_id=row["territory_id"])


async def draft(session: Session, draft_id: UUID) -> Row:
    """Lock a draft.

    Raises:
        NotFound: no such draft, or one that was discarded.
    """
    row = await session.fetch_one(
        "SELECT * FROM app.rulebook_draft"
        " WHERE tenant_id = $1 AND id = $2 AND state <> 'DISCARDED' FOR NO KEY UPDATE",
        session.tenant_id,
        draft_id,
    )
    if row is None:
        raise NotFound(field=DRAFT)
    return row


async def version_row(session: Session, version_id: UUID, *, locked: bool = False) -> Row:
    """Return a version that was published.

    Raises:
        NotFound: no such version.
    """
    row = await session.fetch_one(
        "SELECT * FROM app.rulebook_version WHERE tenant_id = $1 AND id = $2"
        + (" FOR NO KEY UPDATE" if locked else ""),
        session.tenant_id,
        version_id,
    )
    if row is None:
        raise NotFound(field=VERSION)
    return row


async def followed(session: Session, policy: str, site_id: UUID | None, at: datetime) -> Row | None:
    """Return `document` and `overrides` of what a version that begins then takes the place of.

    Of a site it is the site's own: one that has none follows the company's, and that is a change.
    """
    return await session.fetch_one(
        "SELECT document, overrides FROM app.rulebook_version"
        " WHERE tenant_id = $1 AND policy = $2 AND state = 'PUBLISHED'"
        " AND site_id IS NOT DISTINCT FROM $3::uuid AND effective_from <= $4"
        " AND (effective_until IS NULL OR effective_until > $4)"
        " ORDER BY effective_from DESC, number DESC LIMIT 1",
        session.tenant_id,
        policy,
        site_id,
        at,
    )


async def next_number(session: Session, policy: str) -> int:
    """Return the number of a policy's next version."""
    number: int = await session.fetch_value(
        "SELECT coalesce(max(number), 0) + 1 FROM app.rulebook_version"
        " WHERE tenant_id = $1 AND policy = $2",
        session.tenant_id,
        policy,
    )
    return number
