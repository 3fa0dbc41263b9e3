"""When a model takes effect what is open of a customer goes with him; what is over stays."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from builders.organisation import texts
from builders.reception import Showroom, a_showroom
from builders.rehearsals import REACTIONS
from builders.tenants import TenantHandle

from service.clock import ManualClock
from service.opportunities.commands import (
    CloseOpportunity,
    CreateOpportunity,
    CreateOpportunityStage,
    close_opportunity,
    create_opportunity,
    create_opportunity_stage,
)
from service.reception.commands import (
    RecordDeal,
    RegisterCustomer,
    record_deal,
    register_customer,
)
from service.simulation.passing import pass_to
from service.targets.commands.metrics import CreateMetric, create_metric
from service.territories.commands import (
    ActivateTerritoryModel,
    CreateTerritory,
    CreateTerritoryModel,
    SetTerritoryRule,
    activate_territory_model,
    create_territory,
    create_territory_model,
    set_territory_rule,
)
from service.work import Transactions

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
FIRST_DAY = date(2026, 3, 4)
STANDINGS = """
SELECT o.name, s.first_day, s.last_day = 'infinity' AS lasts, s.territory_id, s.state
FROM app.opportunity_standing s JOIN app.opportunity o ON o.tenant_id = $1
    AND o.id = s.opportunity_id WHERE s.tenant_id = $1 ORDER BY o.name, s.first_day
"""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


async def test_open_work_goes_with_its_customer_from_the_day_on_and_what_is_over_stays(
    transactions: Transactions, clock: ManualClock
) -> None:
    clock.set(datetime(2026, 2, 16, 4, tzinfo=UTC))
    showroom = await a_showroom(transactions, reps=("An",))
    tenant = showroom.tenant
    await showroom.sign_in("An")
    lapsed = await received(showroom, 3)
    clock.set(NOW)
    await showroom.sign_in("An")
    visits = [await received(showroom, tel) for tel in (1, 2)]
    await showroom.do(record_deal, RecordDeal(visits[0]["id"], "8-301", 500), by="An")
    made = await three_opportunities(showroom, visits[1]["party_id"])
    lost: dict[str, Any] = {"outcome": "LOST", "reason": "price"}
    await showroom.do(close_opportunity, CloseOpportunity(made["lost before"], **lost), by="An")
    before = {row["name"]: row["territory_id"] for row in await tenant.rows(STANDINGS)}
    south = await all_to_the_south(tenant)
    clock.set(datetime(2026, 3, 6, 4, tzinfo=UTC))
    await showroom.do(close_opportunity, CloseOpportunity(made["lost late"], **lost), by="An")
    # The worker was away for two days.
    await pass_to(transactions, tenant.id, REACTIONS)

    # Who is counted late is counted where he was received.
    counted_in = await customers_counted(tenant, transactions)
    assert len(counted_in) == 3
    assert south not in counted_in
    registered = await tenant.rows(
        "SELECT visit_id, territory_id, territory_id = $2 AS south FROM app.registration"
        " WHERE tenant_id = $1",
        south,
    )
    deals = await tenant.rows("SELECT territory_id FROM app.deal WHERE tenant_id = $1")
    stood: dict[str, list[tuple[Any, ...]]] = {}
    for name, *more in (tuple(row.values()) for row in await tenant.rows(STANDINGS)):
        stood.setdefault(name, []).append(tuple(more))
    # One became a deal, one protects him still, and one had lapsed before.
    assert {row["visit_id"]: row["south"] or False for row in registered} == {
        visits[0]["id"]: False,
        visits[1]["id"]: True,
        lapsed["id"]: False,
    }
    assert [row["territory_id"] for row in deals] != [south]
    # Where it stood is kept, for the boards of the days before.
    stood_in = [row["territory_id"] for row in registered if row["visit_id"] == lapsed["id"]]
    moved = await tenant.rows(
        "SELECT r.visit_id, m.former_territory_id FROM app.registration_move m"
        " JOIN app.registration r ON r.id = m.registration_id WHERE m.tenant_id = $1"
    )
    assert [tuple(row.values()) for row in moved] == [(visits[1]["id"], *stood_in)]
    first, old = NOW.date(), before["open"]
    assert stood == {
        "lost before": [(first, True, before["lost before"], "LOST")],
        "lost late": [
            (first, False, old, "OPEN"),
            (FIRST_DAY, False, south, "OPEN"),
            (date(2026, 3, 6), True, south, "LOST"),
        ],
        "open": [(first, False, old, "OPEN"), (FIRST_DAY, True, south, "OPEN")],
    }


async def customers_counted(tenant: Any, transactions: Transactions) -> list[Any]:
    """Begin to count new customers, and return where each was counted."""
    new = CreateMetric("NEW", texts("新客"), "COUNT", "NEW_CUSTOMER")
    await tenant.do(create_metric, new)
    await pass_to(transactions, tenant.id, REACTIONS)
    rows = await tenant.rows(
        "SELECT territory_id FROM app.metric_credit WHERE tenant_id = $1 AND source = 'CUSTOMER'"
    )
    return [row["territory_id"] for row in rows]


async def received(showroom: Showroom, tel: int) -> Any:
    """Let An receive and register a customer, and return the visit."""
    visit = await showroom.arrives(tel, customer_name="王")
    await showroom.do(register_customer, RegisterCustomer(visit["id"]), by="An")
    await showroom.leaves(visit)
    return visit


async def all_to_the_south(tenant: TenantHandle) -> UUID:
    """Announce a model in which every customer belongs to one new territory."""
    draft = await tenant.do(create_territory_model, CreateTerritoryModel("next", texts("明年")))
    above = tenant.territories["all"]
    order = CreateTerritory("south", "area", texts("南"), above, draft)
    south = await tenant.do(create_territory, order)
    await tenant.do(set_territory_rule, SetTerritoryRule(draft, south, "kind is PERSON"))
    await tenant.do(activate_territory_model, ActivateTerritoryModel(draft, FIRST_DAY))
    return south


async def three_opportunities(showroom: Showroom, party_id: UUID) -> dict[str, UUID]:
    """Open three opportunities of a customer, and return them by name."""
    stage = CreateOpportunityStage("met", texts("見面"), 1, 1_000, "PIPELINE")
    wanted: dict[str, Any] = {
        "stage_id": await showroom.tenant.do(create_opportunity_stage, stage),
        "metric_id": await showroom.tenant.do(
            create_metric, CreateMetric("SALES", texts("銷售"), "COUNT", "OTHER")
        ),
        "expected_on": date(2026, 3, 31),
        "party_id": party_id,
    }
    return {
        name: await showroom.do(
            create_opportunity, CreateOpportunity(name, amount=3, **wanted), by="An"
        )
        for name in ("lost before", "lost late", "open")
    }
