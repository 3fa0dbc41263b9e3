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
