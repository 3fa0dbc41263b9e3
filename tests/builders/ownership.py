"""A small showroom with registers: An, Bo and Chu sell, Mei and Max lead them, Fin keeps books."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from builders.rulebooks import showroom_document

from service.calendar import day_of
from service.customers.tables import ContactPoint, Party, PartyRelation
from service.organisation.tables import (
    Assignment,
    Duty,
    DutyPermission,
    Member,
    OrgUnit,
    Role,
    RoleDuty,
)
from service.ownership.commands import ClosingVisit, Entry, enter_deal, enter_registration
from service.reception.tables import Site, Visit
from service.rulebooks.in_force import in_force
from service.rulebooks.tables import RulebookVersion
from service.tenants.tables import Tenant
from service.work import Caller, Command, Transactions, UnitOfWork, nothing_more

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

# What somebody of a company must always be able to do.
KEPT = [
    ("role", "edit"),
    ("duty", "edit"),
    ("assignment", "create"),
    ("role", "view"),
    ("duty", "view"),
    ("member", "view"),
    ("assignment", "view"),
    ("assignment", "end"),
]
PERMISSIONS = {
    "rep": [
        ("visit", "take", "own"),
        ("register", "view", "own"),
        ("register", "append", "own"),
        ("follow_up", "record", "own"),
        ("follow_up", "correct", "own"),
        ("claim", "file", "own"),
        ("credit", "view", "own"),
        ("dispute", "open", "own"),
        ("dispute", "settle", "own"),
        ("dispute", "appeal", "own"),
        ("task", "complete", "own"),
    ],
    "manager": [
        ("register", "view", "team"),
        ("register", "void", "team"),
        ("claim", "vouch", "team"),
        ("dispute", "open", "team"),
        ("pool", "assign", "team"),
        ("dispute", "decide", "team"),
        ("penalty_case", "close", "team"),
        ("task", "assign", "team"),
    ],
    "deputy": [
        ("register", "void", "team"),
        ("pool", "assign", "team"),
        ("dispute", "decide", "team"),
        ("penalty_case", "close", "team"),
    ],
    "regional": [("dispute", "decide", "tenant"), ("dispute", "decide_appeal", "tenant")],
    "clerk": [("deal", "record", "tenant")],
    "admin": [
        ("member", "leave", "tenant"),
        ("pool", "assign", "tenant"),
        *((kind, action, "tenant") for kind, action in KEPT),
    ],
}


@dataclass
class Showroom:
    """One tenant with one site; people by name."""

    transactions: Transactions
    tenant_id: UUID
    site_id: UUID
    unit_id: UUID
    zone: ZoneInfo
    members: dict[str, UUID] = field(default_factory=dict)

    def caller(self, name: str) -> Caller:
        return Caller(self.tenant_id, self.members[name], "request-1")

    async def by(self, name: str, command: Command, order: object, key: str | None = None) -> Any:
        """Carry a command out as somebody, under a fresh key unless one is given."""
        done = await self.transactions.carry_out(
            self.caller(name), key or str(uuid4()), order, command, nothing_more
        )
        return done.result

    async def inside(self, step: Any) -> Any:
        """Run a step of the product itself."""
        return await self.transactions.internally(self.tenant_id, "step", step)

    async def rows(self, sql: str, *arguments: object) -> list[Any]:
        """Read; $1 is the tenant."""

        async def read(work: UnitOfWork) -> list[Any]:
            return list(await work.fetch(sql, self.tenant_id, *arguments))

        found: list[Any] = await self.inside(read)
        return found

    async def formerly(self, entry_id: UUID) -> list[datetime]:
        """Return until when an entry protected before that changed, in the order of the changes."""

        async def step(work: UnitOfWork) -> list[datetime]:
            rows = await work.fetch(
                "SELECT protected_until FROM app.former_protection WHERE tenant_id = $1"
                " AND registration_id = $2 ORDER BY recorded_at, id",
                work.tenant_id,
                entry_id,
            )
            return [row["protected_until"] for row in rows]

        found: list[datetime] = await self.inside(step)
        return found

    async def row(self, table: str, row_id: UUID) -> Any:
        (row,) = await self.rows(
            f"SELECT * FROM app.{table} WHERE tenant_id = $1 AND id = $2", row_id
        )
        return row

    async def a_party(self, name: str | None = "Wang", phone: str | None = None) -> UUID:
        party_id = uuid4()

        async def step(work: UnitOfWork) -> None:
            now = work.now
            work.add(
                Party(tenant_id=self.tenant_id, id=party_id, created_at=now, full_name=name),
                ContactPoint(
                    tenant_id=self.tenant_id,
                    id=uuid4(),
                    created_at=now,
                    party_id=party_id,
                    phone=phone or f"+86139{party_id.int % 10**8:08d}",
                ),
            )

        await self.inside(step)
        return party_id

    async def a_relation(self, one: UUID, other: UUID, kind: str, unit: str | None) -> None:
        async def step(work: UnitOfWork) -> None:
            work.add(
                PartyRelation(
                    tenant_id=self.tenant_id,
                    id=uuid4(),
                    created_at=work.now,
                    party_id=one,
                    other_party_id=other,
                    kind=kind,
                    unit_code=unit,
                )
            )

        await self.inside(step)

    async def a_visit(self, rep: str, party_id: UUID, **columns: Any) -> Visit:
        """A visit that the rep received now, as his own unless said otherwise."""
        now = self.transactions.clock.now()
        values: dict[str, Any] = {
            "tenant_id": self.tenant_id,
            "id": uuid4(),
            "created_at": now,
            "site_id": self.site_id,
            "org_unit_id": self.unit_id,
            "number": uuid4().int % 2**31,
            "reception_day": day_of(now, self.zone),
            "arrived_at": now,
            "party_id": party_id,
            "receiver_id": self.members[rep],
            "owner_kind": "MEMBER",
            "owner_id": self.members[rep],
            "mode": "TURN",
            "decision_id": uuid4(),
            "rule": "RR-13",
            "clause": "五(二)",
        }
        visit = Visit(**(values | columns))

        async def step(work: UnitOfWork) -> None:
            work.add(visit)

        await self.inside(step)
        return visit

    async def enter(self, visit: Visit, **changes: Any) -> UUID:
        """Enter the visit's customer in its owner's register, as the product itself."""
        values: dict[str, Any] = {
            "visit_id": visit.id,
            "party_id": visit.party_id,
            "member_id": visit.owner_id,
            "site_id": visit.site_id,
            "zone": self.zone,
            "arrived_at": visit.arrived_at,
            "reception_day": visit.reception_day,
            "org_unit_id": visit.org_unit_id,
            "name_given": True,
            "phone_given": True,
        }
        entry = Entry(**(values | changes))

        async def step(work: UnitOfWork) -> UUID:
            return await enter_registration(work, await in_force(work, work.now), entry)

        registration_id: UUID = await self.inside(step)
        return registration_id

    async def a_registration(self, rep: str, party_id: UUID) -> UUID:
        """The customer visits the rep now and is entered in his register."""
        return await self.enter(await self.a_visit(rep, party_id))

    async def a_deal(self, visit: Visit, **changes: Any) -> UUID:
        """The visit's customer signs now."""
        values: dict[str, Any] = {
            "visit_id": visit.id,
            "party_id": visit.party_id,
            "site_id": visit.site_id,
            "zone": self.zone,
            "arrived_at": visit.arrived_at,
            "receiver_id": visit.receiver_id,
            "owner_kind": visit.owner_kind,
            "owner_id": visit.owner_id,
            "mode": visit.mode,
            "obligation": visit.obligation,
            "org_unit_id": visit.org_unit_id,
        }
        closing = ClosingVisit(**(values | changes))

        async def step(work: UnitOfWork) -> UUID:
            return await enter_deal(work, await in_force(work, work.now), closing)

        deal_id: UUID = await self.inside(step)
        return deal_id


PEOPLE = {
    "An": "rep",
    "Bo": "rep",
    "Chu": "rep",
    "Mei": "manager",
    "Max": "deputy",
    "Ray": "regional",
    "Fin": "clerk",
    "Ada": "admin",
}


async def a_showroom(
    transactions: Transactions, *, zone: str = "Asia/Shanghai", **overrides: object
) -> Showroom:
    """A showroom of its own tenant, under the shipped rulebook with parameters overridden.

    Parameters are written with two underscores for the dot: tracking__days=10.
    """
    tenant_id, unit_id, site_id = uuid4(), uuid4(), uuid4()
    house = Showroom(transactions, tenant_id, site_id, unit_id, ZoneInfo(zone))
    house.members = {name: uuid4() for name in PEOPLE}
    parameters = {name.replace("__", "."): value for name, value in overrides.items()}

    async def step(work: UnitOfWork) -> None:
        _add_house(work, house, zone)
        _add_people(work, house)
        work.add(
            RulebookVersion(
                tenant_id=tenant_id,
                id=uuid4(),
                created_at=work.now,
                policy="showroom",
                number=1,
                state="PUBLISHED",
                document=showroom_document().to_json(),
                overrides=parameters,
                effective_from=LONG_AGO,
            )
        )

    await transactions.internally(tenant_id, "a_showroom", step)
    return house


def _add_house(work: UnitOfWork, house: Showroom, zone: str) -> None:
    work.add(
        Tenant(
            tenant_id=house.tenant_id,
            code=f"t-{house.tenant_id.hex[:8]}",
            name="Huating",
            industry="property-developer",
            time_zone=zone,
            phone_region="CN",
            currency="CNY",
            locale="zh-Hans",
            created_at=work.now,
        ),
        OrgUnit(
            tenant_id=house.tenant_id,
            id=house.unit_id,
            created_at=work.now,
            code="team",
            kind="team",
            names={"en": "Team"},
            valid_from=LONG_AGO.date(),
        ),
        Site(
            tenant_id=house.tenant_id,
            id=house.site_id,
            created_at=work.now,
            code="huating",
            kind="SHOWROOM",
            names={"en": "Huating"},
            time_zone=zone,
            phone_region="CN",
            org_unit_id=house.unit_id,
            opens_at=time(9),
            closes_at=time(18),
        ),
    )


def _add_people(work: UnitOfWork, house: Showroom) -> None:
    roles = {}
    key = {"tenant_id": house.tenant_id}
    for code, permissions in PERMISSIONS.items():
        role_id, duty_id = uuid4(), uuid4()
        roles[code] = role_id
        obligation = {"kind": "first_follow_up"} if code == "rep" else None
        work.add(
            Role(**key, id=role_id, created_at=work.now, code=code, names={"en": code}),
            Duty(
                **key,
                id=duty_id,
                created_at=work.now,
                code=f"{code}-duty",
                wording={"en": code, "zh-Hant": code, "zh-Hans": code},
                obligation=obligation,
            ),
            RoleDuty(**key, id=uuid4(), role_id=role_id, duty_id=duty_id),
        )
        work.add(
            *(
                DutyPermission(
                    **key, id=uuid4(), duty_id=duty_id, object=object_, action=action, scope=scope
                )
                for object_, action, scope in permissions
            )
        )
    for name, role in PEOPLE.items():
        member_id = house.members[name]
        work.add(
            Member(**key, id=member_id, created_at=work.now, staff_code=name.lower(), name=name),
            Assignment(
                **key,
                id=uuid4(),
                created_at=work.now,
                member_id=member_id,
                role_id=roles[role],
                org_unit_id=house.unit_id,
                valid_from=LONG_AGO,
            ),
        )
