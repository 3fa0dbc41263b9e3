"""What identifies a customer, over HTTP: added, shown by its end, forgotten."""

from builders.api import Desk

CARD = "11010519491231002X"


async def test_the_api_shows_the_end_of_a_document_and_never_more(desk: Desk) -> None:
    await desk.showroom.sign_in("An")
    arrived = await desk.does(
        "Mei", "recordArrival", "visit { id ambiguous party { id } }", siteId=desk.site,
        documents=[{"number": CARD}], faceReference="gate-1:5",
        customer={"newCustomer": {"fullName": "王芳", "phones": ["13800000001"]}},
    )  # fmt: skip
    party = arrived["visit"]["party"]["id"]

    found = await desk.ask(
        "An", "query P($id: ID!) { party(id: $id) { identities { id kind maskedNumber } } }",
        id=party,
    )  # fmt: skip

    shown = {one["kind"]: one for one in found["party"]["identities"]}
    assert {kind: one["maskedNumber"] for kind, one in shown.items()} == {
        "ID_CARD": "*" * 14 + "002X",
        "FACE": None,
    }
    assert arrived["visit"]["ambiguous"] is False
    forgotten = await desk.does(
        "An", "forgetIdentity", "party { identities { kind } }",
        identityId=shown["FACE"]["id"],
    )  # fmt: skip
    assert forgotten["party"]["identities"] == [{"kind": "ID_CARD"}]
    refused = await desk.api.tries(
        desk.token("An"), "addIdentity", "party { id }", partyId=party,
        document={"kind": "ID_CARD", "number": "110105194912310021"},
    )  # fmt: skip
    assert [one["code"] for one in refused["errors"]] == ["INVALID_DOCUMENT"]
    assert CARD not in str(refused)
