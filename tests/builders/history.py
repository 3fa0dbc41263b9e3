"""A company with two showrooms in two zones, and records of every kind strewn over a few days.

Written straight into the tables, so that every mixture occurs: no receiver, no territory, no price,
instants on both sides of midnight, customers of colleagues.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from builders.tenants import TenantHandle, a_tenant
from builders.territories import model_in_force, stand

from service.customers.tables import Party
from service.organisation.tables import OrgUnit
from service.ownership.rules import NOT_BEGUN
from service.ownership.tables import (
    Claim,
    Deal,
    DealMember,
    Dispute,
    DisputeStep,
    FollowUp,
    RegisterBook,
    Registration,
)
from service.reception.tables import CallRecord, Site, Visit
from service.territories.tables import Territory
from service.work import Transactions, UnitOfWork

BEGUN = datetime(2026, 2, 26, tzinfo=UTC)
HOURS = 24 * 4
NOWHERE = UUID(int=0)
ZONES = {"east": "Asia/Shanghai", "west": "America/New_York"}
ROLES = {
    "An": "sales-representative",
    "Bo": "sales-representative",
    "Mei": "sales-manager",
    "Clerk": "clerk",
}
_PARTS = ("first_basis_points", "second_basis_points", "company_basis_points")
MODES = ("TURN", "NAMED", "OWN_RETURN", "OBLIGATORY", "SURVEY", "WAIT")


@dataclass(slots=True)
class History:
    """The company, its people by name, and its records by table."""

    tenant: TenantHandle
    people: dict[str, UUID] = field(default_factory=dict)
    sites: dict[str, UUID] = field(default_factory=dict)
    places: dict[str, tuple[UUID, UUID]] = field(default_factory=dict)
    root: UUID = NOWHERE
    region: UUID = NOWHERE
    records: dict[str, list[Any]] = field(default_factory=dict)

    def zone_of(self, site_id: UUID) -> ZoneInfo:
        name = next(name for name, one in self.sites.items() if one == site_id)
        return ZoneInfo(ZONES[name])


async def a_history(transactions: Transactions, seed: int, size: int = 40) -> History:
    """Make the company; the same seed makes the same mixture."""
    tenant = await a_tenant(transactions)
    history = History(tenant)
    await _places(history)
    for name, role in ROLES.items():
        history.people[name] = await _employ(history, name, role, "east")
    history.people["Chu"] = await _employ(history, "Chu", "sales-representative", "west")
    history.people["Rita"] = await tenant.member(
        "Rita", "regional-manager", territory="territory-region"
    )
    history.people["Lin"] = await tenant.member("Lin", "director")

    async def strew(work: UnitOfWork) -> None:
        _strew(work, history, Random(seed), size)  # noqa: S311 - test data, no secret

    await tenant.transactions.internally(tenant.id, "strew", strew)
    return history


async def _places(history: History) -> None:
    tenant = history.tenant

    async def step(work: UnitOfWork) -> None:
        top_unit = next(iter(tenant.units.values()))
        history.root = next(iter(tenant.territories.values()))
        region = Territory(
            tenant_id=tenant.id, created_at=work.now, id=work.new_id(), code="coast",
            dimension="area", names={"en": "Coast"}, parent_id=history.root,
        )  # fmt: skip
        work.add(region)
        model_id = await model_in_force(work)
        stand(work, model_id, region.id, history.root)
        history.region = tenant.made.territories["territory-region"] = region.id
        for name, zone in ZONES.items():
            made = {"tenant_id": tenant.id, "created_at": work.now}
            unit = OrgUnit(
                **made, id=work.new_id(), code=name, kind="team", names={"en": name},
                parent_id=top_unit, valid_from=BEGUN.date(),
            )  # fmt: skip
            territory = Territory(
                **made, id=work.new_id(), code=name, dimension="area", names={"en": name},
                parent_id=region.id if name == "east" else history.root,
            )  # fmt: skip
            site = Site(
                **made, id=work.new_id(), code=name, kind="SHOWROOM", names={"en": name},
                time_zone=zone, phone_region="CN", org_unit_id=unit.id, territory_id=territory.id,
                opens_at=datetime.min.time(), closes_at=datetime.max.time(),
            )  # fmt: skip
            work.add(unit, territory, site)
            stand(work, model_id, territory.id, region.id if name == "east" else history.root)
            history.sites[name] = site.id
            history.places[name] = (unit.id, territory.id)
            tenant.made.units[f"unit-{name}"] = unit.id
            tenant.made.territories[f"territory-{name}"] = territory.id

        renew_access(work)

    await tenant.transactions.internally(tenant.id, "places", step)


def renew_access(work: UnitOfWork) -> None:
    """Let the next request read trees and duties again, as the commands do that change them."""
    work.write(
        "tenant",
        "UPDATE app.tenant SET access_version = access_version + 1 WHERE tenant_id = {}::uuid",
        work.tenant_id,
    )


async def _employ(history: History, name: str, role: str, place: str) -> UUID:
    return await history.tenant.member(
        name, role, unit=f"unit-{place}", territory=f"territory-{place}"
    )


def _strew(work: UnitOfWork, history: History, chance: Random, size: int) -> None:
    strewn = _Strewn(work, history, chance)
    strewn.parties(size)
    strewn.visits(2 * size)
    strewn.registrations(size)
    strewn.follow_ups(2 * size)
    strewn.deals(size // 2)
    strewn.claims(size // 2)
    strewn.disputes(size // 4)
    strewn.parts_in_deals()
    strewn.calls(size)
    for rows in history.records.values():
        work.add(*rows)


class _Strewn:
    """Makes records of each kind from what there is already."""

    def __init__(self, work: UnitOfWork, history: History, chance: Random) -> None:
        self.work, self.history, self.chance = work, history, chance
        self.reps = {name: history.people[name] for name in ("An", "Bo", "Chu")}
        self.made = {"tenant_id": work.tenant_id, "created_at": work.now}
        self.parts: set[tuple[UUID, UUID]] = set()

    def _keep(self, kind: str, rows: Sequence[Any]) -> None:
        self.history.records[kind] = list(rows)

    def _site(self) -> tuple[str, UUID]:
        return self.chance.choice(list(self.history.sites.items()))

    def _at(self) -> datetime:
        return BEGUN + timedelta(minutes=self.chance.randrange(60 * HOURS))

    def _place(self, name: str) -> dict[str, UUID | None]:
        unit, territory = self.history.places[name]
        return {
            "org_unit_id": unit if self.chance.random() < 0.9 else None,
            "territory_id": territory if self.chance.random() < 0.9 else None,
        }

    def _rep(self) -> UUID:
        return self.chance.choice(list(self.reps.values()))

    def _maybe(self, value: Any, likely: float = 0.8) -> Any:
        return value if self.chance.random() < likely else None

    def parties(self, size: int) -> None:
        self._keep(
            "party",
            [
                Party(
                    **self.made, id=self.work.new_id(), full_name=self._maybe(f"客戶{number}"),
                    owner_id=self._maybe(self._rep()), **self._place(self._site()[0]),
                )
                for number in range(size)
            ],
        )  # fmt: skip

    def visits(self, size: int) -> None:
        rows = []
        for number in range(size):
            name, site_id = self._site()
            at = self._at()
            mode = self.chance.choice(MODES)
            receiver = self._maybe(self._rep()) if mode != "WAIT" else None
            rows.append(
                Visit(
                    **self.made, id=self.work.new_id(), site_id=site_id, **self._place(name),
                    number=number, arrived_at=at, mode=mode, receiver_id=receiver,
                    reception_day=at.astimezone(ZoneInfo(ZONES[name])).date(),
                    state="WAITING" if receiver is None else "ASSIGNED",
                    left_at=self._maybe(at + timedelta(minutes=40), 0.5),
                    party_id=self._maybe(self.chance.choice(self.history.records["party"]).id),
                    way=self.chance.choice(("WALK_IN", "PHONE_FIRST", "REFERRAL")),
                    owner_kind="MEMBER" if receiver else "NOBODY", owner_id=receiver,
                    turn_member_id=receiver if mode == "TURN" else None,
                    decision_id=self.work.new_id(), rule="RR-13", clause="五(二)",
                )
            )  # fmt: skip
        self._keep("visit", rows)

    def registrations(self, size: int) -> None:
        books: dict[tuple[UUID, UUID], RegisterBook] = {}
        rows = []
        wanted = [visit for visit in self.history.records["visit"] if visit.party_id]
        for visit in self.chance.sample(wanted, min(size, len(wanted))):
            member = visit.receiver_id or self._rep()
            new = RegisterBook(
                **self.made, id=self.work.new_id(), member_id=member, site_id=visit.site_id
            )
            book = books.setdefault((member, visit.site_id), new)
            book.entry_count += 1
            at = visit.arrived_at + timedelta(minutes=30)
            valid = self.chance.random() < 0.8
            until = at + timedelta(days=self.chance.choice((1, 7)))
            rows.append(
                Registration(
                    **self.made, id=self.work.new_id(), register_book_id=book.id,
                    member_id=member, party_id=visit.party_id, visit_id=visit.id,
                    site_id=visit.site_id, org_unit_id=visit.org_unit_id,
                    territory_id=visit.territory_id, entered_at=at, ranks_from=at, received_at=at,
                    reception_day=visit.reception_day,
                    result="VALID" if valid else "INVALID_LATE", decision_id=self.work.new_id(),
                    protected_until=until if valid else None,
                    first_follow_up_due_at=until - timedelta(hours=12) if valid else None,
                    entry_number=book.entry_count, entry_hash="-",
                )
            )  # fmt: skip
        self._keep("register_book", list(books.values()))
        self._keep("registration", rows)

    def follow_ups(self, size: int) -> None:
        rows = []
        for number in range(size):
            entry = self.chance.choice(self.history.records["registration"])
            at = entry.entered_at + timedelta(minutes=self.chance.randrange(3_000))
            rows.append(
                FollowUp(
                    tenant_id=self.work.tenant_id, id=self.work.new_id(),
                    registration_id=entry.id, member_id=self._maybe(entry.member_id) or self._rep(),
                    org_unit_id=entry.org_unit_id, territory_id=entry.territory_id,
                    at=at, next_at=at + timedelta(hours=20) if number % 2 else None,
                    channel=self.chance.choice(("PHONE", "WECHAT")), content="-",
                    connected=self.chance.random() < 0.5, renewed=self.chance.random() < 0.5,
                    rule="TR-4", entry_number=number, entry_hash="-",
                )
            )  # fmt: skip
        self._keep("follow_up", rows)

    def deals(self, size: int) -> None:
        rows = []
        wanted = [visit for visit in self.history.records["visit"] if visit.party_id]
        for visit in self.chance.sample(wanted, min(size, len(wanted))):
            at = visit.arrived_at + timedelta(minutes=90)
            currency = self.chance.choice(("CNY", "CNY", "USD", None))
            # Beyond 2^53, where a float would lose the last digits.
            minor = 9_007_199_254_740_993 + self.chance.randrange(1_000)
            rows.append(
                Deal(
                    **self.made, id=self.work.new_id(), party_id=visit.party_id,
                    site_id=visit.site_id, visit_id=visit.id, visit_arrived_at=visit.arrived_at,
                    closer_id=visit.receiver_id or self._rep(), owner_kind=visit.owner_kind,
                    owner_id=visit.owner_id, mode=visit.mode, org_unit_id=visit.org_unit_id,
                    territory_id=visit.territory_id, currency=currency,
                    amount_minor=minor if currency else None, signed_at=at,
                    credit_decision_id=self.work.new_id(), **self._claimable(at),
                    **self._cancellation(at),
                )
            )  # fmt: skip
        self._keep("deal", rows)

    def _claimable(self, signed_at: datetime) -> dict[str, Any]:
        """Of some the days to claim wait for the contract, of some they began with it."""
        way = self.chance.random()
        if way < 0.1:
            return {"counted_from": None, "claims_close_at": NOT_BEGUN}
        if way > 0.3:
            return {"counted_from": signed_at, "claims_close_at": signed_at + timedelta(days=3)}
        at = signed_at + timedelta(hours=self.chance.choice((1, 30)))
        contract = {"contracted_at": at, "contracted_on": at.date(), "contracted_by": self._rep()}
        return {"counted_from": at, "claims_close_at": at + timedelta(days=3), **contract}

    def _cancellation(self, signed_at: datetime) -> dict[str, Any]:
        """Some fall through, within the time for claims or after it."""
        if self.chance.random() < 0.8:
            return {}
        at = signed_at + timedelta(hours=self.chance.choice((2, 100)))
        return {
            "cancelled_at": at,
            "cancelled_on": at.date(),
            "cancelled_by": self._rep(),
            "cancellation_reason": "客戶退訂",
            "cancellation_restated": self.chance.random() < 0.3,
        }

    def claims(self, size: int) -> None:
        rows = {}
        for _ in range(size):
            deal = self.chance.choice(self.history.records["deal"])
            admitted = self.chance.random() < 0.5
            claimant = self._rep()
            rows[deal.id, claimant, admitted] = Claim(
                **self.made, id=self.work.new_id(), deal_id=deal.id, claimant_id=claimant,
                filed_at=deal.signed_at + timedelta(hours=self.chance.randrange(30)),
                result="ADMITTED" if admitted else "REJECTED",
                reason=None if admitted else "LAPSED", decision_id=self.work.new_id(),
            )  # fmt: skip
        self._keep("claim", list(rows.values()))
        self.parts |= {(deal_id, claimant) for deal_id, claimant, _ in rows}

    def disputes(self, size: int) -> None:
        rows, steps = [], []
        deals = self.history.records["deal"]
        for deal in self.chance.sample(deals, min(size, len(deals))):
            opened = deal.signed_at + timedelta(hours=1)
            ended = self.chance.random() < 0.5
            parts = dict(zip(_PARTS, (6_000, 4_000, 0) if ended else (None,) * 3, strict=True))
            two = self.chance.sample(list(self.reps.values()), 2)
            rows.append(
                Dispute(
                    **self.made, **parts, id=self.work.new_id(), subject="DEAL",
                    deal_id=deal.id, party_id=deal.party_id, site_id=deal.site_id,
                    org_unit_id=deal.org_unit_id, territory_id=deal.territory_id,
                    first_member_id=two[0],
                    second_member_id=two[1], ground="我先接待", opened_at=opened,
                    private_until=opened + timedelta(hours=8), opening_id=self.work.new_id(),
                    settled_at=opened if ended else None, ended_at=opened if ended else None,
                )
            )  # fmt: skip
            steps.append(
                DisputeStep(
                    tenant_id=self.work.tenant_id, id=self.work.new_id(), dispute_id=rows[-1].id,
                    step_number=1, member_id=two[0], at=opened, kind="OPENED", words="我先接待",
                )
            )  # fmt: skip
        self._keep("dispute", rows)
        self._keep("dispute_step", steps)
        for one in rows:
            self.parts |= {(one.deal_id, one.first_member_id), (one.deal_id, one.second_member_id)}

    def parts_in_deals(self) -> None:
        signed = {deal.id: deal.signed_at for deal in self.history.records["deal"]}
        rows = [
            DealMember(
                tenant_id=self.work.tenant_id, id=self.work.new_id(), deal_id=deal_id,
                member_id=member, signed_at=signed[deal_id],
            )
            for deal_id, member in sorted(self.parts)
        ]  # fmt: skip
        self._keep("deal_member", rows)

    def calls(self, size: int) -> None:
        rows = []
        for number in range(size):
            name, site_id = self._site()
            rows.append(
                CallRecord(
                    **self.made, id=self.work.new_id(), site_id=site_id, **self._place(name),
                    called_at=self._at(), taker_id=self._rep(), phone=f"+8613800{number:06}",
                    source=self._maybe("戶外廣告"), rings=self._maybe(self.chance.randint(1, 4)),
                    duration_seconds=self._maybe(self.chance.randint(10, 400)),
                )
            )  # fmt: skip
        self._keep("call_record", rows)
