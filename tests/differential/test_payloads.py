"""What a command answers is the same both ways, and one statement in its transaction."""

from typing import Any

from builders.api import ARRIVE, a_key

from differential.both import Both
from differential.world import World, a_world
from service.clock import ManualClock
from service.identity.tokens import Claims
from service.tasks.commands import Notice, notify
from service.work import Transactions, UnitOfWork

CALL = """
mutation Call($input: RecordCallInput!) {
  __typename
  called: recordCall(input: $input) {
    callRecord { id site { name } maskedPhone phone maskedFields taker { name } }
    again: callRecord { rings }
    ringsInTime lengthInTime replayed errors { code category message field arguments { name } }
  }
}
"""
REGISTER = """
mutation Register($input: RegisterCustomerInput!) {
  registerCustomer(input: $input) {
    registration { id state member { name } party { fullName contactPoints { maskedPhone } }
                   decision { why rule consideredMembers { reason } } allowedActions }
    replayed errors { code message field clause { clause } }
  }
}
"""


async def _same(
    both: Both, claims: Claims, document: str, values: dict[str, Any]
) -> tuple[Any, int]:
    """Carry a command out by the planner, repeat it by the resolvers, and compare the answers."""
    sent = {"input": {"idempotencyKey": a_key(), **values}}
    planned, plain = await both.ask(claims, document, sent)
    assert planned.plan == "sql", planned.why
    assert planned.errors == plain.errors == []
    for answer, repeated in ((planned, False), (plain, True)):
        for payload in (one for one in answer.data.values() if isinstance(one, dict)):
            assert payload.pop("replayed") is (repeated and payload["errors"] == [])
    assert planned.data == plain.data
    return planned.data, planned.statements


def _who(world: World, name: str) -> Claims:
    member = world.showroom.people[name]
    return next(one for one in world.callers if one.member_id == member)


async def test_an_arrival_is_four_statements_whatever_is_shown_beside_it(
    both: Both, transactions: Transactions, clock: ManualClock
) -> None:
    world = await a_world(transactions, clock)
    site = {"siteId": f"site_{world.showroom.site_id}"}
    for phone in ("13912345670", "13812345670"):
        for name in ("Clerk", "Mei"):
            told, statements = await _same(
                both, _who(world, name), ARRIVE, site | {"customer": {"phone": phone}}
            )
            assert told["recordArrival"]["visit"] is not None
            assert statements <= 4


async def test_results_and_refusals_are_the_same_both_ways(
    both: Both, transactions: Transactions, clock: ManualClock
) -> None:
    world = await a_world(transactions, clock)
    site = {"siteId": f"site_{world.showroom.site_id}"}
    visits = [one for one in world.material.ids if one.startswith("visit_")]

    told, _ = await _same(both, _who(world, "Clerk"), CALL, site | {"phone": "13900000002"})
    assert told["called"]["callRecord"] is not None
    told, _ = await _same(both, _who(world, "Clerk"), CALL, site | {"phone": "nonsense"})
    assert told["called"]["errors"] != []
    told, _ = await _same(
        both, _who(world, "An"), CALL, {"siteId": "site_x", "phone": "13900000003"}
    )
    assert told["called"]["errors"][0]["code"] == "NOT_FOUND"
    for visit in visits:
        for name in ("An", "Bo", "Clerk"):
            values = {"visitId": visit, "fullName": "李女士", "phones": ["13700000001"]}
            await _same(both, _who(world, name), REGISTER, values)


async def test_who_has_left_is_refused_at_the_command(
    both: Both, transactions: Transactions, clock: ManualClock
) -> None:
    world = await a_world(transactions, clock)
    claims = _who(world, "Bo")

    async def leave(work: Any) -> None:
        await work.fetch(
            "UPDATE app.member SET state = 'LEFT' WHERE tenant_id = $1 AND id = $2 RETURNING 1",
            claims.tenant_id,
            claims.member_id,
        )

    await both.transactions.internally(world.showroom.tenant_id, "leave", leave)
    sent = {"input": {"idempotencyKey": a_key(), "siteId": "site_x", "phone": "13900000003"}}
    planned, plain = await both.ask(claims, CALL, sent)

    assert planned.says() == plain.says() == (None, [("NotSignedIn", ["called"])])


REVEAL = """
mutation Reveal($input: RevealPhoneInput!) {
  revealPhone(input: $input) { party { id fullName } phones replayed errors { code message } }
}
"""
READ = """
mutation Read($input: MarkNotificationsReadInput!) {
  markNotificationsRead(input: $input) {
    notifications { id kind message readAt } again: notifications { subjectId } replayed
    errors { code field }
  }
}
"""
JOIN = """
mutation Join($input: CreateMemberInput!) {
  createMember(input: $input) { member { id version name allowedActions } replayed errors { code } }
}
"""
LEAVE = """
mutation Leave($input: LeaveMemberInput!) {
  leaveMember(input: $input) { member { id state leftOn } replayed errors { code message } }
}
"""
DISCARD = """
mutation Discard($input: DiscardRulebookDraftInput!) {
  discardRulebookDraft(input: $input) { replayed errors { code message } }
}
"""


async def test_what_a_command_shows_besides_a_record_or_in_a_list_is_the_same_both_ways(
    both: Both, transactions: Transactions, clock: ManualClock
) -> None:
    world = await a_world(transactions, clock)
    (party, *_), (draft, *_) = (
        [one for one in world.material.ids if one.startswith(kind)]
        for kind in ("party_", "rulebook_draft_")
    )
    purpose = {"partyId": party, "purpose": "asked by the customer"}
    told, _ = await _same(both, _who(world, "Mei"), REVEAL, purpose)
    assert told["revealPhone"]["phones"]
    told, _ = await _same(both, world.callers[-1], REVEAL, purpose)
    assert told["revealPhone"]["phones"] is None

    async def tell(work: UnitOfWork) -> None:
        for key in ("one", "two"):
            notice = Notice("reception_assigned", key, "visit", work.tenant_id)
            notify(work, [world.showroom.people["An"]], notice)

    await transactions.internally(world.showroom.tenant_id, "tell", tell)
    mine = "{ viewer { notifications { nodes { id } } } }"
    found, _ = await both.ask(_who(world, "An"), mine, {})
    ids = [one["id"] for one in found.data["viewer"]["notifications"]["nodes"]]
    told, _ = await _same(both, _who(world, "An"), READ, {"notificationIds": ids})
    assert [one["id"] for one in told["markNotificationsRead"]["notifications"]] == sorted(ids)
    assert len(ids) == 2

    admin = next(one for one in world.callers if one.member_id == world.showroom.tenant.admin_id)
    told, _ = await _same(both, admin, JOIN, {"name": "Dai", "staffCode": "D1"})
    member = told["createMember"]["member"]
    leaving = {"memberId": member["id"], "expectedVersion": member["version"]}
    told, _ = await _same(both, admin, LEAVE, leaving)
    assert told["leaveMember"]["member"]["state"] == "LEFT"

    told, _ = await _same(both, _who(world, "Lin"), DISCARD, {"draftId": draft})
    assert told["discardRulebookDraft"]["errors"] == []
