"""Who follows a simulation hears that it was asked for and has ended; nobody else does."""

from builders.streams import Served
from builders.tenants import TenantHandle, a_tenant

from service.simulation.periods.running import run_simulation
from service.work import Transactions
from tests.schema.test_simulations import START, started

FOLLOW = """
subscription($id: ID, $after: EventCursor) {
  rulebookSimulationChanged(simulationId: $id, after: $after) {
    changes simulation { id state doneCount totalCount workbookPath }
  }
}
"""
CURSOR = "{ eventCursor }"


async def test_a_simulation_is_followed_from_its_beginning_to_its_end(
    running: Served, tenant: TenantHandle, transactions: Transactions
) -> None:
    api = running.api
    token = api.token(tenant.id, tenant.admin_id)
    rep = api.token(tenant.id, await tenant.member("安志远"))
    other = await a_tenant(transactions)
    stranger = api.token(other.id, other.admin_id)
    after = (await api.ask(token, CURSOR))["eventCursor"]
    of_stranger = (await api.ask(stranger, CURSOR))["eventCursor"]
    of_rep = (await api.ask(rep, CURSOR))["eventCursor"]
    async with (
        running.socket(token) as client,
        running.socket(stranger) as foreign,
        running.socket(rep) as colleague,
    ):
        await client.follow(FOLLOW, after=after)
        await foreign.follow(FOLLOW, after=of_stranger)
        await colleague.follow(FOLLOW, after=of_rep)
        made = (await api.ask(token, START, **started(tenant)))["startRulebookSimulation"]
        asked_for = (await client.event())["rulebookSimulationChanged"]
        row = type(tenant.id)(made["simulation"]["id"].removeprefix("rulebook_simulation_"))
        await run_simulation(transactions, tenant.id, row)
        heard = [(await client.event())["rulebookSimulationChanged"]]
        while "SIMULATION_ENDED" not in heard[-1]["changes"]:
            heard.append((await client.event())["rulebookSimulationChanged"])
        own = {**started(other), "key": "simulation-key-0002"}
        theirs = (await api.ask(stranger, START, **own))["startRulebookSimulation"]
        first_of_stranger = (await foreign.event())["rulebookSimulationChanged"]
        await colleague.follow(FOLLOW, id=made["simulation"]["id"])
        refused = await colleague.hear()

    assert asked_for["changes"] == ["SIMULATION_STARTED"]
    assert asked_for["simulation"]["id"] == made["simulation"]["id"]
    assert heard[-1]["simulation"]["state"] == "DONE"
    assert heard[-1]["simulation"]["workbookPath"].endswith(f"{made['simulation']['id']}.xlsx")
    assert {word for event in heard for word in event["changes"]} <= {
        "SIMULATION_ADVANCED",
        "SIMULATION_ENDED",
    }
    # The first that the stranger hears of is his own; the rep may follow none.
    assert first_of_stranger["simulation"]["id"] == theirs["simulation"]["id"]
    assert refused["type"] == "error"
