"""The showroom a story is played in: a throw-away tenant, its people, and a clock to turn."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zlib import crc32

from service.clock import ManualClock, new_id
from service.customers.identities import Document, check_of
from service.customers.tables import IdentityKind
from service.database.session import Row
from service.organisation.tables import Assignment, Member
from service.policies.rulebooks.problems import RulebookRefused
from service.reception.tables import RotationQueue, Site
from service.rulebooks.commands import amend
from service.rulebooks.in_force import in_force
from service.simulation.lending import FoundTenant, Loan, Reactions, WantedTenant
from service.simulation.passing import next_due, pass_once
from service.simulation.stories import Step, Story, Unsupported
from service.work import Answer, Caller, Command, Done, Sight, Transactions, UnitOfWork

_O = TypeVar("_O")
_R = TypeVar("_R")
_A = TypeVar("_A")

INDUSTRY = "property-developer"
REPS = ("An", "Bo", "Chu", "Dai", "Eve")
MANAGER, REGIONAL_MANAGER, DESK = "Mei", "Region", "Desk"
CAST: Mapping[str, str] = {
    **dict.fromkeys(REPS, "sales-representative"),
    MANAGER: "sales-manager",
    "Fin": "finance-clerk",
    DESK: "desk-clerk",
    "Contracts": "contract-clerk",
    "Clerk": "clerk",
    REGIONAL_MANAGER: "regional-manager",
}
# Before the earliest step of any story: everybody is in office, the rulebook is in force.
BEGINNING = datetime(2025, 12, 1, tzinfo=UTC)
_FIRST_STAFF_CODE = 101
_TICK = timedelta(milliseconds=1)
_MOBILE = "+86138{:08}"
_OTHER_MOBILE = "+86139{:08}"
_EIGHT_DIGITS = 100_000_000
_CARD = "110101{:011}"


@dataclass(slots=True)
class Memory:
    """What the story's names stand for; `customers` knows what the showroom cannot see.

    Attributes:
        phones: every number a customer gives anywhere in the story.
        customers: whose visit it was.
        visits, deals, disputes, calls: ids by the story's names.
        parties: the parties that each customer is to the showroom, first met first.
    """

    phones: Mapping[str, tuple[str, ...]]
    customers: dict[str, str] = field(default_factory=dict)
    visits: dict[str, UUID] = field(default_factory=dict)
    deals: dict[str, UUID] = field(default_factory=dict)
    disputes: dict[str, UUID] = field(default_factory=dict)
    calls: dict[str, dict[str, str]] = field(default_factory=dict)
    parties: dict[str, list[UUID]] = field(default_factory=dict)

    def met(self, customer: str, party_id: UUID) -> None:
        """Remember that a party is this customer."""
        known = self.parties.setdefault(customer, [])
        if party_id not in known:
            known.append(party_id)


@dataclass(frozen=True, slots=True)
class Place:
    """The only site of a showroom's tenant, and where it stands in the trees."""

    site_id: UUID
    org_unit_id: UUID
    territory_id: UUID


@dataclass(slots=True)
class Showroom:
    """One tenant made for one story, ready to be driven."""

    transactions: Transactions
    clock: ManualClock
    reactions: Reactions
    tenant: FoundTenant
    members: Mapping[str, UUID]
    memory: Memory
    place: Place
    _commands: int = 0

    @property
    def site_id(self) -> UUID:
        """The only site of the tenant."""
        return self.place.site_id

    def name_of(self, member_id: UUID | None, otherwise: str = "-") -> str:
        """Return a member as the story calls him; the manager is MANAGER."""
        for name, known in self.members.items():
            if known == member_id:
                return "MANAGER" if name == MANAGER else name
        return otherwise

    def member(self, name: str) -> UUID:
        """Return a member of the cast.

        Raises:
            Unsupported: the story names nobody of the cast.
        """
        if name not in self.members:
            raise Unsupported(f"{name} is nobody of the cast")
        return self.members[name]

    def caller(self, name: str) -> Caller:
        """Return a member of the cast as a caller."""
        return Caller(self.tenant.tenant_id, self.member(name), f"rehearsal-{self._commands}")

    @property
    def admin(self) -> Caller:
        """The tenant's administrator as a caller."""
        return Caller(self.tenant.tenant_id, self.tenant.admin_id, f"rehearsal-{self._commands}")

    async def perform(
        self,
        caller: Caller,
        order: _O,
        command: Command[_O, _R],
        answer: Answer[_R, _A],
    ) -> Done[_R, _A]:
        """Carry a command out as a member, at the step's time.

        Steps of one minute are told in their order, and so they are received (TM-7): each command
        a millisecond after the one before, the least that records tell apart.
        """
        self._commands += 1
        self.clock.advance(_TICK)
        key = f"rehearsal-{self.site_id.hex}-{self._commands:04}"
        return await self.transactions.carry_out(caller, key, order, command, answer)

    async def look(self, sql: str, *arguments: object) -> list[Row]:
        """Read rows of the tenant, whoever may; `$1` is its id."""
        tenant_id = self.tenant.tenant_id
        return list(await self.transactions.readings.rows(tenant_id, sql, [tenant_id, *arguments]))

    async def seen(self, caller: Caller, reading: Callable[[Sight], Awaitable[_A]]) -> _A:
        """Read as a member."""
        async with self.transactions.sight(caller) as sight:
            return await reading(sight)

    async def turn_to(self, instant: datetime) -> None:
        """Let time pass until an instant: every timer due on the way fires at its own time."""
        if instant <= self.clock.now():
            return
        tenant_id, heard = self.tenant.tenant_id, self.reactions.heard
        # Events are heard beside a deadline, and what follows from one follows at its instant.
        due = await next_due(self.transactions, tenant_id, instant)
        while due is not None:
            self.clock.set(max(due, self.clock.now()))
            await pass_once(self.transactions, tenant_id, self.reactions)
            due = await next_due(self.transactions, tenant_id, instant, heard)
        # What ticked before goes on: between two steps lie never less than the minutes told.
        self.clock.set(instant + self._commands * _TICK)


def phone_of(written: str) -> str:
    """Return a story's number as a valid telephone number, always the same one."""
    if written.startswith("+"):
        return written
    if written.isdecimal() and int(written) < _EIGHT_DIGITS:
        return _MOBILE.format(int(written))
    return _OTHER_MOBILE.format(crc32(written.encode()) % _EIGHT_DIGITS)


def phones_of(step: Step) -> tuple[str, ...]:
    """Return the numbers given in a step."""
    written = step.option("tel")
    return tuple(phone_of(one) for one in written.split(",") if one not in {"", "-"})


def document_of(written: str) -> Document:
    """Return a story's identity card as a valid one, always the same."""
    known = written.isdecimal() and int(written) < _EIGHT_DIGITS
    digits = _CARD.format(int(written) if known else _EIGHT_DIGITS + crc32(written.encode()))
    return Document(IdentityKind.ID_CARD.value, digits + check_of(digits))


def documents_of(step: Step) -> tuple[Document, ...]:
    """Return the identity cards shown in a step."""
    return tuple(document_of(one) for one in step.option("card").split(",") if one)


def _phones_of_customers(steps: Iterable[Step]) -> dict[str, tuple[str, ...]]:
    phones: dict[str, tuple[str, ...]] = {}
    for step in steps:
        customer = step.option("cust")
        if customer:
            found = dict.fromkeys((*phones.get(customer, ()), *phones_of(step)))
            phones[customer] = tuple(found)
    return phones


async def open_showroom(loan: Loan, story: Story) -> Showroom:
    """Make the empty showroom of a story: tenant, cast, and the story's own parameters.

    Raises:
        Unsupported: the story sets a parameter that the rulebook does not have.
    """
    clock = ManualClock(BEGINNING)
    transactions = loan.transactions(clock)
    code = f"rehearsal-{new_id().hex}"
    wanted = WantedTenant(code, story.id, INDUSTRY, "Admin", BEGINNING)
    tenant = await loan.make_tenant(transactions, wanted)
    showroom = Showroom(
        transactions,
        clock,
        loan.reactions,
        tenant,
        members={name: new_id(BEGINNING) for name in CAST},
        memory=Memory(_phones_of_customers(story.steps)),
        place=await _place(transactions, tenant.tenant_id),
    )
    await _furnish(showroom, story)
    return showroom


async def open_beside(loan: Loan, showroom: Showroom, story: Story) -> Showroom:
    """Make another empty showroom in the tenant of one, with a cast of its own.

    Its rulebook is the tenant's; nothing else is shared, so that many stories under one policy
    cost one tenant. Their customers must differ.

    Args:
        loan: what the composition root lends.
        showroom: the one that was opened first.
        story: what is to be played.
    """
    site_id, clock = new_id(BEGINNING), ManualClock(BEGINNING)
    another = replace(
        showroom,
        transactions=loan.transactions(clock),
        clock=clock,
        members={name: new_id(BEGINNING) for name in CAST},
        memory=Memory(_phones_of_customers(story.steps)),
        place=replace(showroom.place, site_id=site_id),
        _commands=0,
    )

    async def step(work: UnitOfWork) -> None:
        first = await work.fetch_only(
            "SELECT * FROM app.site WHERE tenant_id = $1 AND id = $2",
            work.tenant_id,
            showroom.site_id,
        )
        own = {"id": site_id, "code": site_id.hex, "manager_id": another.members[MANAGER]}
        for number, who in enumerate(CAST.items(), _FIRST_STAFF_CODE):
            _engage(work, another, who, f"{site_id.hex}-{number:04}")
        work.add(Site(**{**first, **own}))
        work.add(
            RotationQueue(
                tenant_id=work.tenant_id, id=work.new_id(), site_id=site_id, day=BEGINNING.date()
            )
        )

    await another.transactions.internally(another.tenant.tenant_id, "furnish_showroom", step)
    return another


async def _place(transactions: Transactions, tenant_id: UUID) -> Place:
    async with transactions.sight(Caller(tenant_id, None, "rehearsal")) as sight:
        row = await sight.fetch_only(
            "SELECT id, org_unit_id, territory_id FROM app.site WHERE tenant_id = $1", tenant_id
        )
    return Place(*row)


async def _furnish(showroom: Showroom, story: Story) -> None:
    async def step(work: UnitOfWork) -> None:
        for number, (name, role) in enumerate(CAST.items(), _FIRST_STAFF_CODE):
            _engage(work, showroom, (name, role), f"{number:04}")
        work.change(Site, showroom.site_id, {"manager_id": showroom.members[MANAGER]})
        if story.policy:
            # In force from the beginning, as if the tenant had never had another.
            await amend(work, _as_parameters(story.policy), BEGINNING)

    await showroom.transactions.internally(showroom.tenant.tenant_id, "furnish_showroom", step)
    try:
        await showroom.seen(showroom.admin, lambda sight: in_force(sight, sight.now))
    except RulebookRefused as error:
        raise Unsupported(f"policy {error}") from error


def _engage(work: UnitOfWork, showroom: Showroom, who: tuple[str, str], staff_code: str) -> None:
    name, role = who
    tenant = showroom.tenant
    work.add(
        Member(
            tenant_id=tenant.tenant_id,
            id=showroom.members[name],
            staff_code=staff_code,
            name=name,
            created_at=work.now,
        ),
        Assignment(
            tenant_id=tenant.tenant_id,
            id=work.new_id(),
            member_id=showroom.members[name],
            role_id=tenant.roles[role],
            org_unit_id=showroom.place.org_unit_id,
            territory_id=showroom.place.territory_id,
            valid_from=BEGINNING,
            created_at=work.now,
        ),
    )


# How the rulebook page writes values that the document keeps as numbers and words of its own.
_WRITTEN: Mapping[tuple[str, object], Mapping[str, object]] = {
    ("tracking.max_total_days", "none"): {"tracking.max_total_days": 0},
    ("tracking.max_total_days", None): {"tracking.max_total_days": 0},
    ("obligatory.credit_split", "50/50"): {"obligatory.credit_split": 50},
    ("followup.first_due_days", "24 h"): {"followup.first_due_days": 1},
    ("dispute.private_until", "HOURS(24)"): {
        "dispute.private_until": "HOURS",
        "dispute.private_hours": 24,
    },
    ("register.deadline", "1 h"): {
        "register.deadline": "MINUTES",
        "register.deadline_minutes": 60,
    },
}


def _as_parameters(policy: Mapping[str, Any]) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    for name, value in policy.items():
        word = tuple(value) if isinstance(value, list) else value
        parameters |= _WRITTEN.get((name, word), {name: value})
    return parameters
