"""A text is tried on a past period through the API: asked for once, seen by who may, called off."""

from typing import Any

from builders.api import Api
from builders.tenants import TenantHandle, a_tenant

from service.simulation.periods.running import run_simulation
from service.work import Transactions

START = """
mutation($key: String!, $text: SimulatedTextInput!, $first: Date!, $last: Date!,
         $sites: [ID!]) {
  startRulebookSimulation(input: {idempotencyKey: $key, text: $text, kind: STATEFUL,
                                  firstDay: $first, lastDay: $last, siteIds: $sites}) {
    simulation { id state kind firstDay allowedActions visitCount rulebookVersion { number } }
    replayed
    errors { code field }
  }
}
"""
CANCEL = """
mutation($key: String!, $id: ID!) {
  cancelRulebookSimulation(input: {idempotencyKey: $key, simulationId: $id}) {
    simulation { state allowedActions }
    errors { code }
  }
}
"""
READ = """
query($id: ID!) {
  rulebookSimulation(id: $id) {
    state visitCount receiverChangedCount crossingAfterCount turnSpreadBefore failure chart
    tallies { of visitsBeforeCount }
    cases(first: 5) { nodes { position receiverAfter { name } creditAfter } }
  }
  rulebookSimulations(first: 5) { nodes { id } }
}
"""


def started(tenant: TenantHandle, **changed: Any) -> dict[str, Any]:
    text = {"versionId": f"rulebook_version_{tenant.made.rulebook_version_id}"}
    days = {"first": "2026-01-01", "last": "2026-02-28"}
    return {"key": "simulation-key-0001", "text": text, **days, **changed}


async def test_a_simulation_is_asked_for_once_read_when_it_is_done_and_seen_by_no_stranger(
    api: Api, tenant: TenantHandle, transactions: Transactions
) -> None:
    token = api.token(tenant.id, tenant.admin_id)
    first = (await api.ask(token, START, **started(tenant)))["startRulebookSimulation"]
    again = (await api.ask(token, START, **started(tenant)))["startRulebookSimulation"]
    simulation_id = first["simulation"]["id"]
    row = simulation_id.removeprefix("rulebook_simulation_")
    await run_simulation(transactions, tenant.id, type(tenant.id)(row))
    other = await a_tenant(transactions)
    stranger = api.token(other.id, other.admin_id)

    read = await api.ask(token, READ, id=simulation_id)
    unseen = await api.ask(stranger, READ, id=simulation_id)

    assert read["rulebookSimulation"].pop("chart").startswith("<svg ")
    assert first["simulation"] == {
        "id": simulation_id,
        "state": "QUEUED",
        "kind": "STATEFUL",
        "firstDay": "2026-01-01",
        "allowedActions": ["CANCEL"],
        "visitCount": None,
        "rulebookVersion": {"number": 1},
    }
    assert (again["simulation"]["id"], again["replayed"]) == (simulation_id, True)
    assert read["rulebookSimulation"] == {
        "state": "DONE",
        "visitCount": 0,
        "receiverChangedCount": 0,
        "crossingAfterCount": 0,
        "turnSpreadBefore": 0,
        "failure": None,
        "tallies": [],
        "cases": {"nodes": []},
    }
    assert [node["id"] for node in read["rulebookSimulations"]["nodes"]] == [simulation_id]
    assert unseen == {"rulebookSimulation": None, "rulebookSimulations": {"nodes": []}}


async def test_who_drafts_the_rulebook_may_start_and_call_off_and_nobody_else(
    api: Api, tenant: TenantHandle
) -> None:
    token = api.token(tenant.id, tenant.admin_id)
    rep = api.token(tenant.id, await tenant.member("安志远"))

    refused = (await api.ask(rep, START, **started(tenant)))["startRulebookSimulation"]
    backwards = await api.ask(token, START, **started(tenant, last="2025-12-31"))
    made = (await api.ask(token, START, **started(tenant)))["startRulebookSimulation"]
    called_off = (await api.ask(token, CANCEL, key="k" * 16, id=made["simulation"]["id"]))[
        "cancelRulebookSimulation"
    ]
    twice = (await api.ask(token, CANCEL, key="l" * 16, id=made["simulation"]["id"]))[
        "cancelRulebookSimulation"
    ]

    assert [error["code"] for error in refused["errors"]] == ["FORBIDDEN"]
    assert backwards["startRulebookSimulation"]["errors"] == [
        {"code": "INVALID_INPUT", "field": ["input", "lastDay"]}
    ]
    assert called_off["simulation"] == {"state": "CANCELLED", "allowedActions": []}
    assert [error["code"] for error in twice["errors"]] == ["SIMULATION_ENDED_ALREADY"]


async def test_no_site_is_not_every_site(api: Api, tenant: TenantHandle) -> None:
    token = api.token(tenant.id, tenant.admin_id)

    answer = await api.ask(token, START, **started(tenant, sites=[]))

    payload = answer["startRulebookSimulation"]
    assert payload["errors"] == [{"code": "INVALID_INPUT", "field": ["input", "siteIds"]}]
    assert payload["simulation"] is None
