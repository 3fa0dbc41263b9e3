"""A showroom with a day behind it, and who may ask about it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from builders.api import Api, Desk
from builders.reception import Showroom
from builders.tenants import a_tenant

from differential.documents import Material
from service.clock import ManualClock
from service.identity.tokens import Claims
from service.work import Transactions


@dataclass(slots=True)
class World:
    """What generated documents ask about, and who asks."""

    callers: list[Claims]
    material: Material
    showroom: Showroom


async def a_world(transactions: Transactions, clock: ManualClock) -> World:
    """Make a day of a showroom, and a second tenant beside it."""
    tenant = await a_tenant(transactions)
    reps = ("An", "Bo", "Chu")
    people = dict(zip(reps, await tenant.members(*reps), strict=True))
    people["Mei"] = await tenant.member("Mei", "sales-manager")
    people["Lin"] = await tenant.member("Lin", "director")
    people["Clerk"] = await tenant.member("Clerk", "clerk")
    showroom = Showroom(tenant, tenant.site_id, people)
    desk = Desk(Api(transactions), showroom)
    await showroom.sign_in("An", "Bo")
    await _day(desk, clock)
    elsewhere = await a_tenant(transactions)
    stranger = await elsewhere.member("Eve", "director")
    callers = [_claims(tenant.id, people[name]) for name in ("An", "Bo", "Mei", "Lin", "Clerk")]
    callers += [_claims(tenant.id, tenant.admin_id), _claims(elsewhere.id, stranger)]
    ids = await _ids(showroom)
    return World(callers, Material([*ids, f"member_{stranger}"]), showroom)


def _claims(tenant_id: Any, member_id: Any) -> Claims:
    return Claims(member_id, tenant_id, member_id, operator=False, session_id=None)


async def _day(desk: Desk, clock: ManualClock) -> None:
    for number in range(4):
        clock.advance(timedelta(minutes=7))
        arrived = await desk.arrives(customer={"phone": f"1381234567{number}"})
        visit, receiver = arrived["visit"]["id"], arrived["visit"]["receiver"]
        if receiver is None or number == 3:
            continue
        name = receiver["name"]
        clock.advance(timedelta(minutes=3))
        entry = await desk.does(
            name, "registerCustomer", "registration { id }",
            visitId=visit, fullName=f"王{number}", phones=[f"1381234567{number}"],
        )  # fmt: skip
        await desk.does(
            name, "recordFollowUp", "followUp { id }", registrationId=entry["registration"]["id"],
            channel="PHONE", content="看過樣板房", connected=True,
        )  # fmt: skip
        if number == 0:
            await desk.does("Clerk", "recordCall", "callRecord { id }", siteId=desk.site,
                            phone="13900000001")  # fmt: skip
        await desk.does(name, "closeVisit", "visit { id }", visitId=visit)
    await desk.api.does(
        desk.api.token(desk.showroom.tenant_id, desk.showroom.tenant.admin_id),
        "planDeparture", "departure { id }", memberId=desk.member("An"), kind="LEAVING",
        firstDay="2027-01-01", reason="Moves abroad", registrations="ROTATION",
    )  # fmt: skip
    # A text that cannot be read: whole ones would be looked over a thousand times.
    await desk.api.does(
        desk.token("Lin"),
        "createRulebookDraft",
        "draft { id }",
        name="草稿",
        source={"text": {"yaml": "policy: ["}},
    )


async def _ids(showroom: Showroom) -> list[str]:
    found: list[str] = [f"tenant_{showroom.tenant_id}"]
    for table in (
        "visit", "member", "party", "site", "decision", "registration", "follow_up", "org_unit",
        "territory", "role", "duty", "assignment", "task", "notification", "audit_event",
        "rulebook_version", "rulebook_draft", "call_record", "rotation_queue", "contact_point",
        "register_book", "departure",
    ):  # fmt: skip
        rows = await showroom.tenant.rows(
            f"SELECT id FROM app.{table} WHERE tenant_id = $1 ORDER BY id LIMIT 4"
        )
        found += [f"{table}_{row['id']}" for row in rows]
    return found
