"""A showroom of a fresh tenant: reps in the order of their staff codes, a manager, a clerk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from builders.tenants import BEGINNING, TenantHandle, a_tenant

from service.clock import ManualClock
from service.organisation.tables import Assignment, Member
from service.reception.commands import (
    CloseVisit,
    RecordArrival,
    SignIn,
    close_visit,
    record_arrival,
    sign_in,
)
from service.rulebooks.commands import amend
from service.work import Transactions, UnitOfWork

REPS = ("An", "Bo", "Chu", "Dai", "Eve")


def phone(number: int) -> str:
    """Return the Chinese mobile number that stands for a short one."""
    return f"138{number:08}"


@dataclass(slots=True)
class Showroom:
    """A site and its people, by name."""

    tenant: TenantHandle
    site_id: UUID
    people: dict[str, UUID] = field(default_factory=dict)

    @property
    def tenant_id(self) -> UUID:
        return self.tenant.id

    def name_of(self, member_id: UUID | None) -> str:
        return next((name for name, one in self.people.items() if one == member_id), "-")

    async def do(
        self, command: Any, order: object, by: str = "Clerk", key: str | None = None
    ) -> Any:
        return await self.tenant.do(command, order, by=self.people[by], key=key)

    async def sign_in(self, *names: str) -> None:
        for name in names:
            await self.do(sign_in, SignIn(self.site_id, (self.people[name],)))

    async def arrives(self, tel: int | Sequence[int] | None = None, **said: Any) -> dict[str, Any]:
        """Record an arrival at the desk and return the visit's row."""
        numbers = [tel] if isinstance(tel, int) else (tel or [])
        order = RecordArrival(self.site_id, phones=tuple(map(phone, numbers)), **said)
        return await self.visit(await self.do(record_arrival, order))

    async def visit(self, visit_id: UUID) -> dict[str, Any]:
        (row,) = await self.tenant.rows(
            "SELECT * FROM app.visit WHERE tenant_id = $1 AND id = $2", visit_id
        )
        return row

    async def receiver(self, tel: int | Sequence[int] | None = None, **said: Any) -> str:
        return self.name_of((await self.arrives(tel, **said))["receiver_id"])

    async def leaves(self, visit: Mapping[str, Any]) -> None:
        await self.do(close_visit, CloseVisit(visit["id"]))

    async def queue(self) -> list[str]:
        (row,) = await self.tenant.rows(
            "SELECT member_ids FROM app.rotation_queue WHERE tenant_id = $1 AND site_id = $2",
            self.site_id,
        )
        return [self.name_of(member_id) for member_id in row["member_ids"]]

    async def override(self, **parameters: Any) -> None:
        """Change parameters of the rulebook in force; names with `__` for the dot."""
        values = {name.replace("__", "."): value for name, value in parameters.items()}

        async def step(work: UnitOfWork) -> UUID:
            return await amend(work, values, work.now)

        await self.tenant.transactions.internally(self.tenant_id, "override", step)


async def a_showroom(
    transactions: Transactions, reps: Sequence[str] = REPS, *, manager: bool = True
) -> Showroom:
    """Make a tenant with one showroom, its reps, its manager Mei and the desk's clerk."""
    tenant = await a_tenant(transactions)
    showroom = Showroom(tenant, tenant.site_id)
    staff = dict.fromkeys(reps, "sales-representative")
    staff |= {"Mei": "sales-manager", "Clerk": "clerk"}
    showroom.people = await _employ(showroom, staff)
    if manager:
        await _manage(showroom)
    return showroom


async def _employ(showroom: Showroom, staff: Mapping[str, str]) -> dict[str, UUID]:
    """Employ people at the site, with staff codes in the order given."""
    tenant = showroom.tenant
    (site,) = await tenant.rows(
        "SELECT org_unit_id, territory_id FROM app.site WHERE tenant_id = $1 AND id = $2",
        showroom.site_id,
    )

    async def step(work: UnitOfWork) -> dict[str, UUID]:
        people: dict[str, UUID] = {}
        for position, (name, role) in enumerate(staff.items()):
            people[name] = work.new_id()
            made = {"tenant_id": tenant.id, "created_at": work.now}
            work.add(Member(**made, id=people[name], staff_code=f"S{position:03}", name=name))
            work.add(
                Assignment(
                    **made,
                    **site,
                    id=work.new_id(),
                    member_id=people[name],
                    role_id=tenant.roles[role],
                    valid_from=BEGINNING,
                )
            )
        return people

    return await tenant.transactions.internally(tenant.id, "employ", step)


async def _manage(showroom: Showroom) -> None:
    async def step(work: UnitOfWork) -> None:
        work.write(
            "site",
            "UPDATE app.site SET manager_id = {}::uuid"
            " WHERE tenant_id = {}::uuid AND id = {}::uuid",
            showroom.people["Mei"],
            work.tenant_id,
            showroom.site_id,
            expected=1,
        )

    await showroom.tenant.transactions.internally(showroom.tenant_id, "manage", step)


def at(clock: ManualClock, text: str) -> None:
    """Set the clock to an instant of the site, e.g. "03-02 09:10"."""
    clock.set(datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo("Asia/Shanghai")))
