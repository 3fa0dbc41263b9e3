"""Documents written by hand: planned, in one statement, and the same both ways."""

import pytest
from builders.reception import Showroom

from differential.both import Both
from service.errors import NotSignedIn
from service.identity.tokens import Claims

SITE = """
query Site($id: ID!) {
  site(id: $id) {
    __typename id code name names { en zhHant zhHans } timeZone opensAt
    orgUnit { id name parent { name kind } }
    manager { name }
  }
}
"""
MEMBER = """
query Member($id: ID!, $rights: Boolean = true) {
  somebody: member(id: $id) {
    ...who
    assignments @include(if: $rights) {
      validFrom validUntil
      role { name duties { duty { name permissions { action scope } } } }
    }
  }
  other: member(id: "member_nonsense") { name }
}
fragment who on Member { id name state createdAt hiredOn allowedActions }
"""


def claims_of(showroom: Showroom, name: str) -> Claims:
    member = showroom.people[name]
    return Claims(member, showroom.tenant.id, member, operator=False, session_id=None)


@pytest.mark.parametrize("who", ["An", "Mei", "Clerk", "Lin"])
async def test_a_record_with_its_relations_is_one_statement_once_the_caller_is_known(
    both: Both, showroom: Showroom, who: str
) -> None:
    claims = claims_of(showroom, who)
    asked = [
        (SITE, f"site_{showroom.site_id}"),
        (MEMBER, f"member_{showroom.people['Bo']}"),
    ]
    for document, row in asked:
        for more in ({}, {}) if document == SITE else ({}, {"rights": False}):
            planned, plain = await both.ask(claims, document, {"id": row, **more})
            assert planned.plan == "sql"
            assert planned.says() == plain.says()
    assert planned.statements == 1


async def test_who_has_left_is_not_answered_from_memory(both: Both, showroom: Showroom) -> None:
    claims = claims_of(showroom, "An")
    mine = f"member_{showroom.people['An']}"
    await both.ask(claims, MEMBER, {"id": mine})

    async def leave(work: object) -> None:
        await work.fetch(  # type: ignore[attr-defined]
            "UPDATE app.member SET state = 'LEFT' WHERE tenant_id = $1 AND id = $2 RETURNING 1",
            showroom.tenant.id,
            showroom.people["An"],
        )

    await both.transactions.internally(showroom.tenant.id, "leave", leave)

    with pytest.raises(NotSignedIn):
        await both.ask(claims, MEMBER, {"id": mine})


ACCESS = """
query Access($id: ID!, $other: ID!) {
  viewer {
    any: canDo(action: "visit.reassign") { allowed code message duty clause }
    mine: canDo(action: "member.view", subjectId: $id) { allowed code message duty clause }
    none: canDo(action: "member.view", subjectId: "member_nonsense") { __typename code message }
    what: canDo(action: "nothing.at_all") { allowed code duty clause }
  }
  theirs: explainAccess(memberId: $other, action: "visit.reassign") { allowed code message clause }
  on: explainAccess(memberId: $other, action: "member.view", subjectId: $id) { allowed duty }
  nobody: explainAccess(memberId: "member_nonsense", action: "visit.reassign") { allowed }
}
"""
MAY = 'query ($id: ID!) { viewer { canDo(action: "member.leave", subjectId: $id) { allowed } } }'


@pytest.mark.parametrize("who", ["An", "Mei", "Lin"])
async def test_why_somebody_may_do_something_is_told_the_same_both_ways(
    both: Both, showroom: Showroom, who: str
) -> None:
    claims, people = claims_of(showroom, who), showroom.people
    ids = {"id": f"member_{people['Bo']}", "other": f"member_{people['An']}"}

    own, plainly = await both.ask(claims, MAY, {"id": ids["id"]})
    planned, plain = await both.ask(claims, ACCESS, ids)

    assert own.plan == "sql"
    assert own.says() == plainly.says()
    # Who may not ask about others is told so at the field, which the reference does.
    assert planned.plan == ("sql" if plain.errors == [] else "fallback")
    assert planned.says() == plain.says()
