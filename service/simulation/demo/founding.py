"""A company of the demo is founded: tenant, units, sites, members with their offices, logins."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from service.clock import Clock
from service.identity.accounts import Accounts
from service.organisation.commands.assignments import AssignRole, assign_role
from service.organisation.commands.members import CreateMember, create_member
from service.organisation.commands.units import CreateOrgUnit, create_org_unit
from service.reception.commands import CreateSite, EditSite, create_site, edit_site
from service.reception.tables import SiteKind
from service.simulation.demo.companies import ADMIN, PASSWORD, Company, Office, SalesSite
from service.simulation.lending import FoundTenant
from service.tenants.texts import Texts
from service.work import Answer, Caller, Command, Transactions, nothing_more

_O = TypeVar("_O")
_R = TypeVar("_R")
_A = TypeVar("_A")
_FIRST_STAFF_CODE = 1001
# Codes of the templates' trees: the uppermost unit, and the one a site belongs to.
_ROOTS = ("group", "company")
_TEAMS = ("project-1", "store-1", "province-1")


@dataclass(slots=True)
class Hand:
    """Carries out a line of commands whose keys are always the same.

    A load that broke off is begun again from the start: what was done is then answered, not done.
    """

    transactions: Transactions
    tenant_id: UUID
    line: str
    _done: int = field(default=0)

    async def carry_out(
        self, member_id: UUID, order: _O, command: Command[_O, _R], answer: Answer[_R, _A]
    ) -> tuple[_R, _A]:
        """Carry a command out as a member."""
        self._done += 1
        key = f"demo-{self.line}-{self._done:06}"
        caller = Caller(self.tenant_id, member_id, key)
        done = await self.transactions.carry_out(caller, key, order, command, answer)
        return done.result, done.answer

    async def do(self, member_id: UUID, order: _O, command: Command[_O, _R]) -> _R:
        """Carry a command out as a member, for its result alone."""
        result, _ = await self.carry_out(member_id, order, command, nothing_more)
        return result


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who can sign in to a demo tenant."""

    tenant: str
    name: str
    password: str
    person: str
    role: str


@dataclass(frozen=True, slots=True)
class OpenSite:
    """A site with the ids of its people."""

    site_id: UUID
    plan: SalesSite
    manager_id: UUID
    desk_id: UUID
    reps: Mapping[UUID, str]


@dataclass(slots=True)
class Founder:
    """Founds one company; every step can be repeated.

    Attributes:
        territories: ids of the template's and of the drawn ones, by code.
    """

    company: Company
    tenant: FoundTenant
    hand: Hand
    code: str
    territories: Mapping[str, UUID]
    _staff_code: int = field(default=_FIRST_STAFF_CODE)
    _members: dict[str, UUID] = field(default_factory=dict)

    async def open_sites(self) -> list[OpenSite]:
        """Engage everybody and open the sites."""
        for office in self.company.offices:
            units = _ROOTS if office.unit is None else (office.unit,)
            await self._engage(office, *self._place(units, office.territory or "all"))
        return [await self._open(site, number) for number, site in enumerate(self.company.sites, 1)]

    def member_of(self, login: Login) -> UUID:
        """Return whom a login belongs to."""
        office = login.name.removeprefix(f"{self.code}.")
        return self.tenant.admin_id if office == ADMIN.login else self._members[office]

    def has(self, login: str) -> bool:
        """Tell whether the company has an office."""
        return login in self._members

    def office(self, login: str) -> UUID:
        """Return who holds an office, by what he signs in as."""
        return self._members[login]

    def _place(self, codes: tuple[str, ...], territory: str) -> tuple[UUID, UUID]:
        units = self.tenant.units
        found = next(units[code] for code in codes if code in units)
        return found, self.territories[territory]

    async def _open(self, plan: SalesSite, number: int) -> OpenSite:
        unit_id, territory_id = self._place(_TEAMS, plan.territory)
        if number > 1:
            unit_id = await self._another_unit(plan, number)
        place = (unit_id, territory_id)
        manager_id = await self._engage(plan.manager, *place)
        desk_id = await self._engage(plan.desk, *place)
        reps = {
            await self._engage(office, *place): office.name
            for office in _reps_of(self.company, plan)
        }
        site_id = await self._site(plan, place, manager_id)
        return OpenSite(site_id, plan, manager_id, desk_id, reps)

    async def _another_unit(self, plan: SalesSite, number: int) -> UUID:
        names = Texts(plan.unit_name, plan.unit_name, plan.unit_name)
        parent_id = self.tenant.units["city-1"]
        order = CreateOrgUnit(f"project-{number}", "project", names, parent_id)
        return await self.hand.do(self.tenant.admin_id, order, create_org_unit)

    async def _site(self, plan: SalesSite, place: tuple[UUID, UUID], manager_id: UUID) -> UUID:
        names = dict.fromkeys(("en", "zh-Hant", "zh-Hans"), plan.name)
        admin_id = self.tenant.admin_id
        if plan.code.endswith("-1"):
            site_id = self.tenant.sites[plan.code]
            change = EditSite(site_id, 1, names=names, territory_id=place[1], manager_id=manager_id)
            return await self.hand.do(admin_id, change, edit_site)
        order = CreateSite(
            code=plan.code,
            kind=SiteKind.SHOWROOM.value,
            names=names,
            time_zone="Asia/Shanghai",
            phone_region="CN",
            org_unit_id=place[0],
            territory_id=place[1],
            opens_at=time(8, 30),
            closes_at=time(19),
            manager_id=manager_id,
        )
        return await self.hand.do(admin_id, order, create_site)

    async def _engage(self, office: Office, unit_id: UUID, territory_id: UUID) -> UUID:
        admin_id = self.tenant.admin_id
        staff_code, self._staff_code = f"{self._staff_code}", self._staff_code + 1
        order = CreateMember(office.name, staff_code, unit_id, territory_id)
        member_id = await self.hand.do(admin_id, order, create_member)
        role_id = self.tenant.roles[office.role]
        appointment = AssignRole(member_id, role_id, unit_id, territory_id)
        await self.hand.do(admin_id, appointment, assign_role)
        self._members[office.login] = member_id
        return member_id


def logins_of(company: Company, code: str) -> list[Login]:
    """Return everybody who can sign in to a company, its administrator first."""
    return [
        Login(company.name, f"{code}.{office.login}", PASSWORD, office.name, office.role)
        for office in (ADMIN, *_offices(company))
    ]


def _reps_of(company: Company, site: SalesSite) -> list[Office]:
    before = sum(len(one.reps) for one in company.sites[: company.sites.index(site)])
    return [
        Office("sales-representative", name, f"rep{number}")
        for number, name in enumerate(site.reps, before + 1)
    ]


def _offices(company: Company) -> Iterator[Office]:
    for site in company.sites:
        yield from (site.manager, site.desk, *_reps_of(company, site))
    yield from company.offices


async def admit(
    identity_pool: "asyncpg.Pool[Any]",
    clock: Clock,
    login: Login,
    password_hash: str,
    member: tuple[UUID, UUID],
) -> None:
    """Let somebody sign in as a member (tenant, member); a second time changes nothing."""
    accounts = Accounts(identity_pool, clock)
    user_id = await accounts.known_or_added(login.name, password_hash)
    await accounts.admit(user_id, *member)
