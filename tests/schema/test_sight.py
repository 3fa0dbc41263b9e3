"""Who sees what: masks, other people's rows, other tenants' rows, and what reading costs."""

from datetime import timedelta
from typing import Any

from builders.api import Api, Desk, without_budget
from builders.tenants import TenantHandle, a_tenant

from service.clock import new_id
from service.organisation.commands import Delegate, delegate
from service.work import Transactions

PARTIES = """
{ parties { nodes { id fullName contactPoints { phone maskedPhone maskedFields } } } }
"""
VISIT = "query V($id: ID!) { visit(id: $id) { id number site { name } receiver { name } } }"


async def test_a_phone_is_shown_by_duty_and_its_mask_to_all_who_see_the_customer(
    desk: Desk,
) -> None:
    await desk.showroom.sign_in("An", "Bo")
    await desk.arrives(customer={"phone": "13812345678"})

    async def seen(name: str) -> Any:
        nodes = (await desk.ask(name, PARTIES))["parties"]["nodes"]
        return [node["contactPoints"][0] for node in nodes]

    own = await seen("An")
    directors = await seen("Lin")
    assert [one["phone"] for one in own] == ["+8613812345678"]
    assert own[0]["maskedFields"] == []
    assert await seen("Bo") == []
    assert await seen("Mei") == own
    assert directors == [
        {"phone": None, "maskedPhone": "+86 138****5678", "maskedFields": ["phone"]}
    ]


async def test_a_revealed_phone_leaves_name_and_purpose_in_the_audit(desk: Desk) -> None:
    await desk.showroom.sign_in("An")
    await desk.arrives(customer={"phone": "13812345678"})
    (party,) = (await desk.ask("Lin", PARTIES))["parties"]["nodes"]

    shown = await desk.does(
        "Lin", "revealPhone", "phones", partyId=party["id"], purpose="回訪滿意度"
    )

    assert shown["phones"] == ["+8613812345678"]
    admin = desk.api.token(desk.showroom.tenant_id, desk.showroom.tenant.admin_id)
    found = await desk.api.ask(
        admin,
        '{ auditEvents(filter: {command: {eq: "reveal_phone"}})'
        " { nodes { actor { name } subjectId } } }",
    )
    assert found["auditEvents"]["nodes"] == [{"actor": {"name": "Lin"}, "subjectId": party["id"]}]


async def test_a_register_is_the_reps_own_and_a_managers_reading_is_written_down(
    desk: Desk,
) -> None:
    await desk.showroom.sign_in("An", "Bo")
    arrived = await desk.arrives(customer={"phone": "13812345678"})
    visit = arrived["visit"]["id"]
    await desk.does(
        "An", "registerCustomer", "registration { id }",
        visitId=visit, fullName="王先生", phones=["13812345678"],
    )  # fmt: skip
    ask = "{ registrations { nodes { state member { name } party { fullName } } totalCount } }"

    own = await desk.ask("An", ask)
    colleague = await desk.ask("Bo", ask)
    clerk = await desk.ask("Clerk", ask)
    manager = await desk.ask("Mei", ask)

    assert own["registrations"]["totalCount"] == 1
    assert colleague["registrations"]["nodes"] == []
    assert clerk["registrations"]["nodes"] == []
    assert manager["registrations"]["nodes"] == own["registrations"]["nodes"]
    rows = await desk.showroom.tenant.rows(
        "SELECT actor_id, subject_type, subject_id FROM app.audit_event"
        " WHERE tenant_id = $1 AND command = 'read_registrations'"
    )
    people = desk.showroom.people
    # Whose was shown, and that all of them were counted.
    assert {tuple(row.values()) for row in rows} == {
        (people["Mei"], "member", people["An"]),
        (people["Mei"], None, None),
    }
    assert len(rows) == 2


async def test_foreign_missing_hidden_and_malformed_ids_get_the_same_bytes(
    api: Api, desk: Desk, transactions: Transactions
) -> None:
    await desk.showroom.sign_in("An", "Bo")
    mine = (await desk.arrives())["visit"]["id"]
    elsewhere = await a_tenant(transactions)
    token = api.token(elsewhere.id, elsewhere.admin_id)
    director = api.token(elsewhere.id, await elsewhere.member("Lin", "director"))
    hidden = desk.token("Bo")
    # Once: whoever asks for the first time is looked up besides.
    await api.post(director, VISIT, id=mine)
    answers = []
    for asker, wanted in (
        (director, mine),
        (director, f"visit_{new_id()}"),
        (director, "visit_nonsense"),
        (director, mine.replace("visit", "party")),
        (token, mine),
        (hidden, mine),
    ):
        answer = await api.post(asker, VISIT, id=wanted)
        answers.append((answer.status_code, without_budget(answer.content), api.statements))

    assert len({answer[:2] for answer in answers}) == 1
    assert answers[0][1].startswith(b'{"data":{"visit":null},"extensions":{"cost":{"requested":')
    assert len({statements for _, _, statements in answers[:4]}) == 1


async def test_any_record_is_found_by_its_id_alone_and_nothing_else(
    desk: Desk, transactions: Transactions
) -> None:
    elsewhere = await a_tenant(transactions)
    foreign = f"member_{elsewhere.admin_id}"

    found = await desk.ask(
        "Mei",
        "query N($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Member { name } } }",
        ids=[desk.member("An"), foreign, desk.site, "site_", "", "no_such"],
    )

    assert found["nodes"] == [
        {"__typename": "Member", "id": desk.member("An"), "name": "An"},
        None,
        {"__typename": "Site", "id": desk.site},
        None,
        None,
        None,
    ]


async def test_a_page_of_fifty_with_three_relations_costs_one_statement_each(
    desk: Desk,
) -> None:
    desk.api.planning = False
    await desk.showroom.sign_in("An", "Bo")
    for number in range(50):
        visit = await desk.showroom.arrives(number + 1)
        await desk.showroom.leaves(visit)
    plain = "{ visits(first: 50) { nodes { id state } } }"
    related = (
        "{ visits(first: 50) { nodes { id state site { name } receiver { name }"
        " owner { name } turnMember { name } party { fullName } allowedActions } } }"
    )

    first = await desk.ask("Mei", plain)
    alone = desk.api.statements
    await desk.ask("Mei", related)

    assert len(first["visits"]["nodes"]) == 50
    assert alone == 2, "the caller and the page"
    assert desk.api.statements == alone + 3, "site, members and parties, whatever the rows"


async def test_what_one_may_do_next_stands_on_the_record(desk: Desk) -> None:
    await desk.showroom.sign_in("An", "Bo")
    visit = (await desk.arrives())["visit"]["id"]
    ask = "query A($id: ID!) { visit(id: $id) { allowedActions } }"

    rep = (await desk.ask("An", ask, id=visit))["visit"]["allowedActions"]
    manager = (await desk.ask("Mei", ask, id=visit))["visit"]["allowedActions"]

    assert "REGISTER" in rep
    assert "REASSIGN" not in rep
    assert "REASSIGN" in manager


async def test_the_viewer_reads_his_duties_and_asks_what_he_may(desk: Desk) -> None:
    await desk.showroom.sign_in("An")
    visit = (await desk.arrives())["visit"]["id"]

    found = await desk.ask(
        "An",
        "query V($id: ID!) { viewer { locale member { name } tenant { name }"
        " duties { code wording roleName } obligations { code obligationKind }"
        " tasks { nodes { kind } }"
        ' own: canDo(action: "register.append", subjectId: $id) { allowed }'
        ' never: canDo(action: "visit.reassign", subjectId: $id) { allowed code message }'
        ' gone: canDo(action: "visit.take", subjectId: "visit_x") { allowed code }'
        ' anywhere: canDo(action: "visit.take") { allowed duty } } }',
        id=visit,
    )

    viewer = found["viewer"]
    assert viewer["member"] == {"name": "An"}
    assert viewer["tenant"] == {"name": "華庭地產"}
    assert viewer["duties"]
    assert viewer["obligations"]
    assert viewer["own"] == {"allowed": True}
    assert viewer["never"]["code"] == "FORBIDDEN"
    assert viewer["never"]["message"]
    assert viewer["gone"] == {"allowed": False, "code": "NOT_FOUND"}
    assert viewer["anywhere"]["allowed"] is True


async def test_a_stand_in_is_told_that_he_may_what_he_was_given_and_no_more(desk: Desk) -> None:
    people = desk.showroom.people
    await desk.showroom.sign_in("An")
    visit = (await desk.arrives())["visit"]["id"]
    ask = """query V($id: ID!) { viewer {
        given: canDo(action: "visit.reassign", subjectId: $id) { allowed code }
        other: canDo(action: "visit.close", subjectId: $id) { allowed code } } }"""
    nothing = {"allowed": False, "code": "NOT_FOUND"}

    before = await desk.ask("Bo", ask, id=visit)
    until = desk.api.transactions.clock.now() + timedelta(hours=1)
    given = Delegate(people["Mei"], people["Bo"], ("visit.reassign",), until)
    await desk.showroom.tenant.do(delegate, given)
    after = await desk.ask("Bo", ask, id=visit)

    assert before["viewer"] == {"given": nothing, "other": nothing}
    assert after["viewer"] == {"given": {"allowed": True, "code": None}, "other": nothing}
    await desk.does(
        "Bo", "reassignReception", "visit { id }",
        visitId=visit, memberId=desk.member("Bo"), reason="代理主管調整",
    )  # fmt: skip


async def test_access_is_explained_to_the_administrator_and_to_nobody_else(
    api: Api, tenant: TenantHandle
) -> None:
    rep = await tenant.member("An")
    ask = (
        'query E($id: ID!) { explainAccess(memberId: $id, action: "deal.record")'
        " { allowed message duty } }"
    )

    admin = await api.ask(api.token(tenant.id, tenant.admin_id), ask, id=f"member_{rep}")
    answer = await api.post(api.token(tenant.id, rep), ask, id=f"member_{rep}")

    assert admin["explainAccess"]["allowed"] is True
    assert answer.json()["data"] == {"explainAccess": None}
    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_an_explanation_names_the_member_the_clause_and_what_was_misspelt(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    rep = f"member_{await tenant.member('An')}"
    ask = (
        "query E($id: ID!, $action: String!, $subject: ID) {"
        " explainAccess(memberId: $id, action: $action, subjectId: $subject)"
        " { allowed code message duty clause }"
        " viewer { canDo(action: $action) { code message } } }"
    )
    gone = f"visit_{new_id()}"

    english = {"Accept-Language": "en"}
    answer = await api.post(admin, ask, english, id=rep, action="rulebook.view")
    granted = answer.json()["data"]["explainAccess"]
    unseen = (await api.ask(admin, ask, id=rep, action="visit.view", subject=gone))["explainAccess"]
    unknown = (await api.post(admin, ask, id=rep, action="rulebook.veiw")).json()

    assert "lets An read the rulebook" in granted["message"]
    assert (granted["duty"], granted["clause"]) == ("know-the-rulebook", "1-1")
    assert (unseen["allowed"], unseen["code"]) == (False, "NOT_FOUND")
    assert unseen["message"]
    assert [one["extensions"]["code"] for one in unknown["errors"]] == ["ACTION_UNKNOWN"]
    assert "rulebook.view" in unknown["errors"][0]["message"]
    assert unknown["data"]["viewer"]["canDo"]["code"] == "ACTION_UNKNOWN"


async def test_an_operator_reads_nothing_of_any_tenant(api: Api, tenant: TenantHandle) -> None:
    token = api.operators_token(new_id())

    for document in ("{ members { nodes { name } } }", "{ viewer { locale } }"):
        answer = await api.post(token, document)

        # Not 401: to sign in again, as clients do then, would change nothing.
        assert answer.status_code == 403
        assert "data" not in answer.json()
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
    assert tenant.id
