"""Orders of the organisation with everything valid that the test is not about."""

from typing import Any
from uuid import uuid4

from service.organisation.commands import (
    CreateDuty,
    CreateMember,
    CreateOrgUnit,
    CreateRole,
    Permission,
)
from service.tenants.texts import Texts


def texts(text: str) -> Texts:
    """The same text in all three languages."""
    return Texts(text, text, text)


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid4().hex[:10]}"


def a_unit(**changes: Any) -> CreateOrgUnit:
    values = {"code": unique("team"), "kind": "team", "names": texts("銷售一組")}
    return CreateOrgUnit(**{**values, **changes})


def a_person(**changes: Any) -> CreateMember:
    values = {"name": "林曉", "staff_code": unique("S")}
    return CreateMember(**{**values, **changes})


def a_role(**changes: Any) -> CreateRole:
    values = {"code": unique("role"), "names": texts("案場督導")}
    return CreateRole(**{**values, **changes})


def a_duty(**changes: Any) -> CreateDuty:
    values = {
        "code": unique("duty"),
        "wording": texts("每週巡查案場"),
        "permissions": (Permission("visit", "view", "team"),),
    }
    return CreateDuty(**{**values, **changes})
