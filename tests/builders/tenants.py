"""A tenant for a test: made from a shipped template, with members added as the test needs them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from service.clock import new_id
from service.organisation.tables import Assignment, Member
from service.provisioning.copying import Founding, Provisioned
from service.work import Caller, Command, Transactions, UnitOfWork, nothing_more
from tests.builders.originals import provisioned

_O = TypeVar("_O")
_R = TypeVar("_R")

# Long before any test's clock: roles and rulebook hold whenever the test sets its day.
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class TenantHandle:
    """A tenant and the ids of what it started with, by the template's codes."""

    transactions: Transactions
    made: Provisioned
    _staff: int = field(default=1)

    @property
    def id(self) -> UUID:
        return self.made.tenant_id

    @property
    def admin_id(self) -> UUID:
        return self.made.admin_id

    @property
    def roles(self) -> Mapping[str, UUID]:
        return self.made.roles

    @property
    def duties(self) -> Mapping[str, UUID]:
        return self.made.duties

    @property
    def units(self) -> Mapping[str, UUID]:
        return self.made.units

    @property
    def territories(self) -> Mapping[str, UUID]:
        return self.made.territories

    @property
    def sites(self) -> Mapping[str, UUID]:
        return self.made.sites

    @property
    def site_id(self) -> UUID:
        """Return the only site of the template."""
        return next(iter(self.made.sites.values()))

    @property
    def team_unit(self) -> str:
        """Return the code of the unit the template's site belongs to: the last of the tree."""
        return list(self.made.units)[-1]

    @property
    def team_territory(self) -> str:
        """Return the code of the territory the template's site belongs to."""
        return list(self.made.territories)[-1]

    def caller(self, member_id: UUID | None = None, locale: str | None = None) -> Caller:
        """Return a member as a caller; nobody named means the administrator."""
        return Caller(self.id, member_id or self.admin_id, f"test-{new_id()}", locale)

    async def member(
        self,
        name: str,
        role: str | None = "sales-representative",
        *,
        unit: str | None = None,
        territory: str | None = None,
        staff_code: str | None = None,
    ) -> UUID:
        """Add one member holding a role at a unit and territory (the site's, if not said)."""
        (member_id,) = await self.members(
            name, role=role, unit=unit, territory=territory, staff_code=staff_code
        )
        return member_id

    async def members(
        self,
        *names: str,
        role: str | None = "sales-representative",
        unit: str | None = None,
        territory: str | None = None,
        staff_code: str | None = None,
    ) -> tuple[UUID, ...]:
        """Add members who hold the same role at the same place, in two statements."""

        async def step(work: UnitOfWork) -> tuple[UUID, ...]:
            place = (
                self.units[unit or self.team_unit],
                self.territories[territory or self.team_territory],
            )
            made = tuple(self._add(work, name, staff_code, place) for name in names)
            if role is not None:
                for member_id in made:
                    work.add(self._assignment(work, member_id, role, place))
            return made

        return await self.transactions.internally(self.id, "a_member", step)

    def _add(
        self, work: UnitOfWork, name: str, staff_code: str | None, place: tuple[UUID, UUID]
    ) -> UUID:
        self._staff += 1
        member = Member(
            tenant_id=self.id,
            id=work.new_id(),
            staff_code=staff_code or f"{self._staff:04}",
            name=name,
            org_unit_id=place[0],
            territory_id=place[1],
            created_at=work.now,
        )
        work.add(member)
        return member.id

    def _assignment(
        self, work: UnitOfWork, member_id: UUID, role: str, place: tuple[UUID, UUID]
    ) -> Assignment:
        return Assignment(
            tenant_id=self.id,
            id=work.new_id(),
            member_id=member_id,
            role_id=self.roles[role],
            org_unit_id=place[0],
            territory_id=place[1],
            valid_from=BEGINNING,
            created_at=work.now,
        )

    async def do(
        self,
        command: Command[_O, _R],
        order: _O,
        *,
        by: UUID | None = None,
        key: str | None = None,
    ) -> _R:
        """Carry a command out as a member (the administrator, if none is said)."""
        done = await self.transactions.carry_out(
            self.caller(by), key or f"key-{new_id()}", order, command, nothing_more
        )
        return done.result

    async def rows(self, sql: str, *arguments: object) -> list[dict[str, Any]]:
        """Read rows of the tenant; `$1` is its id."""

        async def step(work: UnitOfWork) -> list[dict[str, Any]]:
            return [dict(row) for row in await work.fetch(sql, self.id, *arguments)]

        return await self.transactions.internally(self.id, "look", step)


async def a_tenant(
    transactions: Transactions, template: str = "property-developer", name: str = "華庭地產"
) -> TenantHandle:
    """Make a fresh tenant; its rulebook and its administrator's office began in 2020."""
    founding = Founding(
        code=f"t-{new_id().hex}", name=name, admin_name="管理員", beginning=BEGINNING
    )
    made = await provisioned(transactions, template, founding)
    return TenantHandle(transactions, made)
