"""A site's settings, locked, and whether records named beside it exist."""

from dataclasses import dataclass
from uuid import UUID

from service.errors import NotFound, Refusals
from service.policies.access import Record
from service.reception.facts.floor import SITE_FIELD
from service.work import UnitOfWork

_TABLES = {
    "org_unit": ("app.org_unit", "orgUnitId"),
    "territory": ("app.territory", "territoryId"),
    "member": ("app.member", "memberId"),
    "manager": ("app.member", "managerId"),
    "taker": ("app.member", "takerId"),
}


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site as far as its own commands ask."""

    id: UUID
    org_unit_id: UUID
    territory_id: UUID | None
    phone_region: str
    time_zone: str
    version: int

    def record(self, owner_id: UUID | None = None) -> Record:
        """Return something of the site, and of a member where it is his, as the duties see it."""
        return Record(owner_id, self.org_unit_id, self.territory_id)


async def site(work: UnitOfWork, site_id: UUID, *, locked: bool = False) -> SiteRow:
    """Return a site, locked if it is to be changed.

    Raises:
        NotFound: no such site.
    """
    lock = " FOR NO KEY UPDATE" if locked else ""
    row = await work.fetch_one(
        "SELECT id, org_unit_id, territory_id, phone_region, time_zone, version FROM app.site"
        f" WHERE tenant_id = $1 AND id = $2{lock}",
        work.tenant_id,
        site_id,
    )
    if row is None:
        raise NotFound(field=SITE_FIELD)
    return SiteRow(**row)


async def require(work: UnitOfWork, **named: UUID | None) -> None:
    """Refuse ids of records that are not the tenant's; members must still work there.

    Raises:
        Refusals: one NotFound for each that is missing.
    """
    wanted = {kind: record_id for kind, record_id in named.items() if record_id is not None}
    if not wanted:
        return
    questions = []
    for position, kind in enumerate(wanted):
        table, _ = _TABLES[kind]
        works = " AND x.state = 'ACTIVE'" if table == "app.member" else ""
        questions.append(
            f"EXISTS (SELECT FROM {table} x"
            f" WHERE x.tenant_id = $1 AND x.id = ${position + 2}{works})"
        )
    row = await work.fetch_only(
        f"SELECT ARRAY[{', '.join(questions)}]", work.tenant_id, *wanted.values()
    )
    missing = [
        NotFound(field=("input", _TABLES[kind][1]))
        for kind, found in zip(wanted, row[0], strict=True)
        if not found
    ]
    if missing:
        raise Refusals(missing)
