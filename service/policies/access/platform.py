"""The operators' own domain: they manage tenants and hold nothing inside any of them."""

from functools import cache
from typing import Final
from uuid import UUID

from service.policies.access.compiled import CompiledTenant, compile_tenant
from service.policies.access.subjects import PLATFORM_ID, Actor, Holding, PolicyRow, Scope
from service.policies.access.vocabulary import Domain, actions_of

_ROLE: Final = "r:operator"
_DUTY: Final = "d:operate-tenants"
# What a member may do in his own company may have the same name, so what he lacks is no duty.
_OPERATORS_ONLY: Final = {
    "en": "This is for the platform's operators; what you may do ends with your company.",
    "zh-Hant": "此操作僅限平台營運人員；您的權限僅及於所屬公司。",
    "zh-Hans": "此操作仅限平台运营人员；您的权限仅及于所属公司。",
}


@cache
def platform_table() -> CompiledTenant:
    """Return the fixed table of the domain `platform`; its rows are code, no tenant's data."""
    actions = (key.partition(".")[2] for key in actions_of("tenant", Domain.PLATFORM))
    rows = [PolicyRow(_DUTY, "tenant", action, Scope.TENANT) for action in actions]
    wordings = {"en": "Operate tenants", "zh-Hant": "租戶營運", "zh-Hans": "租户运营"}
    operator = {"en": "Operator", "zh-Hant": "平台營運", "zh-Hans": "平台运营"}
    return compile_tenant(
        PLATFORM_ID,
        1,
        rows=rows,
        role_duties={_ROLE: [_DUTY]},
        duty_wordings={_DUTY: wordings},
        role_wordings={_ROLE: operator},
    )


def operator(user_id: UUID, locale: str = "en") -> Actor:
    """Return an operator as an actor of the platform; every tenant's table denies him."""
    return Actor(PLATFORM_ID, user_id, (Holding(_ROLE),), locale)


def operators_only(locale: str) -> str:
    """Tell a member of a tenant why he may not do what operators do."""
    return _OPERATORS_ONLY.get(locale, _OPERATORS_ONLY["en"])
