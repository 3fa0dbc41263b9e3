"""Who may do what: duties become Casbin rows, rows become one compiled table. Pure.

`compile_tenant` builds the table of a tenant at one version. The same grant in it is the answer
for one record (`check`), the condition of a list (`predicate`), the CASE of a masked field
(`mask`) and the sentence (`explain`). `reference` holds the Casbin enforcer every form is tested
against; the hot path never imports it.

Deny by default, deny over allow, four eyes for oneself and everyone one stands in for. Clauses:
the cross-cutting rules (a) to (g) of the roles page.
"""

from service.policies.access.compiled import CompiledTenant, compile_alike, compile_tenant
from service.policies.access.errors import PolicyBroken
from service.policies.access.explanation import Explanation
from service.policies.access.installation import PycasbinInstalled, refuse_pycasbin
from service.policies.access.platform import operator, operators_only, platform_table
from service.policies.access.predicate import NEVER
from service.policies.access.rows import (
    check_duty_code,
    check_policy,
    check_role_code,
    check_roles,
    check_row,
    unknown_action,
)
from service.policies.access.separation import DutyConflict, conflicting_duties
from service.policies.access.subjects import (
    EVERYONE,
    NO_LIMIT,
    PLATFORM_ID,
    Actor,
    Effect,
    Holding,
    PolicyRow,
    Predicate,
    Record,
    RecordColumns,
    Scope,
    Way,
)
from service.policies.access.table import Verdict
from service.policies.access.trees import FOR_EVER, Drawn
from service.policies.access.vocabulary import (
    ACTIONS,
    LIMIT_FIELDS,
    ActionDescription,
    Domain,
    LimitField,
    actions_of,
)

__all__ = [
    "ACTIONS",
    "EVERYONE",
    "FOR_EVER",
    "LIMIT_FIELDS",
    "NEVER",
    "NO_LIMIT",
    "PLATFORM_ID",
    "ActionDescription",
    "Actor",
    "CompiledTenant",
    "Domain",
    "Drawn",
    "DutyConflict",
    "Effect",
    "Explanation",
    "Holding",
    "LimitField",
    "PolicyBroken",
    "PolicyRow",
    "Predicate",
    "PycasbinInstalled",
    "Record",
    "RecordColumns",
    "Scope",
    "Verdict",
    "Way",
    "actions_of",
    "check_duty_code",
    "check_policy",
    "check_role_code",
    "check_roles",
    "check_row",
    "compile_alike",
    "compile_tenant",
    "conflicting_duties",
    "operator",
    "operators_only",
    "platform_table",
    "refuse_pycasbin",
    "unknown_action",
]
