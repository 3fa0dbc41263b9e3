from uuid import UUID, uuid4

from builders.ways import BOTH_WAYS

from service.tenants.tables import Tenant, Term
from service.work import Transactions, UnitOfWork


async def make_tenant(transactions: Transactions) -> UUID:
    tenant_id = uuid4()

    async def step(work: UnitOfWork) -> None:
        work.add(
            Tenant(
                tenant_id=tenant_id,
                code=f"t-{tenant_id.hex[:8]}",
                name="N",
                industry="x",
                time_zone="Asia/Shanghai",
                phone_region="CN",
                currency="CNY",
                locale="zh-Hans",
                created_at=work.now,
            )
        )
        work.add(Term(tenant_id=tenant_id, id=work.new_id(), code="visit", names={"en": "Visit"}))

    await transactions.internally(tenant_id, "make_tenant", step)
    return tenant_id


@BOTH_WAYS
async def test_what_a_unit_of_work_adds_is_there_after_it(transactions: Transactions) -> None:
    tenant_id = await make_tenant(transactions)
    other = await make_tenant(transactions)

    async def look(work: UnitOfWork) -> list[str]:
        return [row["code"] for row in await work.fetch("SELECT code FROM app.term")]

    assert await transactions.internally(tenant_id, "look", look) == ["visit"]
    assert await transactions.internally(other, "look", look) == ["visit"]
