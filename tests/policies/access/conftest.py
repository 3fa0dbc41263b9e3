"""One small showroom: three units above one another, two territories, three people."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from service.policies.access import Actor, CompiledTenant, Holding, PolicyRow, compile_tenant

TENANT = UUID(int=1)
COMPANY, NORTH, SHOWROOM, SOUTH = (UUID(int=number) for number in range(11, 15))
CHINA, HUATING = UUID(int=21), UUID(int=22)
WANG, LI, CHEN = UUID(int=31), UUID(int=32), UUID(int=33)
ROLES: Mapping[str, Collection[str]] = {
    "r:rep": ["d:reception"],
    "r:manager": ["d:supervision"],
    "r:director": ["d:direction"],
}
DUTY_WORDINGS = {
    "d:reception": {"en": "Reception", "zh-Hant": "按輪序接待", "zh-Hans": "按轮序接待"},
    "d:supervision": {"en": "Inspection", "zh-Hant": "登記本檢查", "zh-Hans": "登记本检查"},
    "d:direction": {"zh-Hant": "銷售統籌"},
}
ROLE_WORDINGS = {
    "r:rep": {"en": "Sales rep", "zh-Hant": "銷售代表", "zh-Hans": "销售代表"},
    "r:manager": {"en": "Sales manager", "zh-Hant": "售樓經理", "zh-Hans": "售楼经理"},
}


@dataclass(frozen=True)
class Showroom:
    """Names for the ids, and short ways to a table and an actor."""

    tenant: UUID = TENANT
    company: UUID = COMPANY
    north: UUID = NORTH
    site: UUID = SHOWROOM
    south: UUID = SOUTH
    china: UUID = CHINA
    huating: UUID = HUATING
    wang: UUID = WANG
    li: UUID = LI
    chen: UUID = CHEN
    roles: Mapping[str, Collection[str]] = field(default_factory=lambda: ROLES)
    org_parents: Mapping[UUID, UUID | None] = field(
        default_factory=lambda: {COMPANY: None, NORTH: COMPANY, SHOWROOM: NORTH, SOUTH: COMPANY}
    )
    territory_parents: Mapping[UUID, UUID | None] = field(
        default_factory=lambda: {CHINA: None, HUATING: CHINA}
    )

    def compiled(
        self, *rows: PolicyRow, includes: Mapping[str, Collection[str]] | None = None
    ) -> CompiledTenant:
        return compile_tenant(
            TENANT,
            7,
            rows=rows,
            role_duties=self.roles,
            role_includes=includes or {},
            duty_wordings=DUTY_WORDINGS,
            role_wordings=ROLE_WORDINGS,
            org_parents=self.org_parents,
            territory_parents=self.territory_parents,
        )

    def actor(self, *holdings: Holding, member: UUID = WANG, tenant: UUID = TENANT) -> Actor:
        return Actor(tenant, member, holdings)


@pytest.fixture
def showroom() -> Showroom:
    return Showroom()
