"""Documents written by hand: planned, in one statement, and the same both ways."""

import pytest
from builders.api import Api
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


RULEBOOK = """
query Rulebook($site: ID!, $day: Date, $draft: ID!) {
  now: rulebookInForce(siteId: $site) {
    number text parameters { name kind value words overridden min max unit allowed }
    rules { decision id says when then { name value } otherwise }
  }
  then: rulebookInForce(siteId: $site, day: $day) { id publishedBy { name } }
  company: rulebookInForce(day: $day) { standing }
  other: rulebookInForce(policy: "no-such") { id }
  hidden: rulebookInForce(siteId: "site_nonsense", day: "9999-12-31") { id }
  rulebookCalendar(siteId: $site, from: "2020-01-01", until: "2029-01-01") {
    __typename beginsAt endsAt beginsOn endsOn ofSite rulebookVersion { number site { name } }
  }
  whole: rulebookCalendar(from: "9999-12-01", until: "9999-12-31") { rulebookVersion { id } }
  rulebookDraft(id: $draft) { name comparedWithInForce { changes { kind name sentence } } }
}
"""


async def a_changed_draft(both: Both, showroom: Showroom) -> str:
    api = Api(both.transactions)
    token = api.token(showroom.tenant.id, showroom.tenant.admin_id)
    version = f"rulebook_version_{showroom.tenant.made.rulebook_version_id}"
    made = await api.does(
        token, "createRulebookDraft", "draft { id }", name="-", source={"versionId": version}
    )
    draft: str = made["draft"]["id"]
    await api.does(
        token, "editRulebookDraft", "draft { id }", draftId=draft, expectedVersion=1,
        parameters=[{"name": "tracking.days", "value": {"number": 10}}],
    )  # fmt: skip
    return draft


async def test_what_is_in_force_and_what_stands_in_it_is_one_statement(
    both: Both, showroom: Showroom
) -> None:
    draft = await a_changed_draft(both, showroom)
    sent = {"site": f"site_{showroom.site_id}", "day": "2026-04-01", "draft": draft}
    for who, locale in (("An", None), ("Lin", "zh-Hant")):
        await both.ask(claims_of(showroom, who), RULEBOOK, sent, locale)

        planned, plain = await both.ask(claims_of(showroom, who), RULEBOOK, sent, locale)

        assert planned.plan == "sql", planned.why
        assert planned.statements == 1
        assert planned.says() == plain.says()
        assert len(planned.data["now"]["parameters"]) > 10
        assert len(planned.data["rulebookCalendar"]) == 1
        assert (planned.data["other"], planned.data["hidden"]) == (None, None)
    (change,) = planned.data["rulebookDraft"]["comparedWithInForce"]["changes"]
    assert change["name"] == "tracking.days"
