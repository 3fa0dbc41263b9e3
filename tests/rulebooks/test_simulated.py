"""Whether a text was simulated: this very text, in this tenant, to the end."""

from datetime import date

from builders.tenants import TenantHandle, a_tenant

from service.rulebooks.simulated import simulated, text_hash
from service.rulebooks.tables import RulebookSimulation, SimulationKind, SimulationState
from service.work import Transactions, UnitOfWork

TEXT = {"policy": "showroom", "params": {"tracking.days": 7}}


async def a_simulation(tenant: TenantHandle, state: SimulationState) -> None:
    done = state is SimulationState.DONE

    async def kept(work: UnitOfWork) -> None:
        work.add(
            RulebookSimulation(
                tenant_id=work.tenant_id,
                id=work.new_id(),
                created_at=work.now,
                policy="showroom",
                text_hash=text_hash(TEXT, {}),
                document=TEXT,
                kind=SimulationKind.STATEFUL.value,
                state=state.value,
                first_day=date(2026, 1, 1),
                last_day=date(2026, 3, 31),
                summary={} if done else None,
            )
        )

    await tenant.transactions.internally(tenant.id, "keep_simulation", kept)


async def known_to(tenant: TenantHandle, of_text: str) -> bool:
    async with tenant.transactions.sight(tenant.caller()) as sight:
        return await simulated(sight, of_text)


async def test_only_a_simulation_that_came_to_an_end_counts_and_only_for_its_own_text(
    transactions: Transactions,
) -> None:
    tenant, other = await a_tenant(transactions), await a_tenant(transactions)
    await a_simulation(tenant, SimulationState.FAILED)
    await a_simulation(tenant, SimulationState.CANCELLED)
    unfinished = await known_to(tenant, text_hash(TEXT, {}))

    await a_simulation(tenant, SimulationState.DONE)

    assert not unfinished
    assert await known_to(tenant, text_hash(TEXT, {}))
    assert not await known_to(tenant, text_hash(TEXT, {"tracking.days": 9}))
    assert not await known_to(other, text_hash(TEXT, {}))


def test_the_order_of_keys_and_the_layout_do_not_make_another_text() -> None:
    turned = {"params": {"tracking.days": 7}, "policy": "showroom"}

    assert text_hash(turned, {}) == text_hash(TEXT, {})
    assert text_hash(TEXT, {"a": 1}) != text_hash(TEXT, {})
