"""Role templates: named sets of duties, which may include one another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.policies.access import PolicyRow
from service.provisioning.duties import (
    Duty,
    DutyCatalogue,
    Permission,
    Separation,
    read_code,
)
from service.provisioning.sheets import Sheet, Words


@dataclass(frozen=True, slots=True)
class RoleTemplate:
    """A named set of duties; `includes` are roles whose duties it has as well."""

    code: str
    names: Words
    duties: tuple[str, ...]
    includes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A template's roles and duties in the form `compile_tenant` takes."""

    rows: tuple[PolicyRow, ...]
    role_duties: Mapping[str, tuple[str, ...]]
    role_includes: Mapping[str, tuple[str, ...]]


def policy_of(
    roles: Mapping[str, RoleTemplate], duties: Mapping[str, Duty], four_eyes: Iterable[Permission]
) -> Policy:
    """Return roles and duties as `compile_tenant` takes them, with the prefixes `r:` and `d:`."""
    rows = [row.row(duty.code) for duty in duties.values() for row in duty.permissions]
    rows += [row.row() for row in four_eyes]
    return Policy(
        rows=tuple(rows),
        role_duties={
            f"r:{role.code}": tuple(f"d:{duty}" for duty in role.duties) for role in roles.values()
        },
        role_includes={
            f"r:{role.code}": tuple(f"r:{included}" for included in role.includes)
            for role in roles.values()
        },
    )


def read_roles(sheet: Sheet, catalogue: DutyCatalogue) -> Mapping[str, RoleTemplate]:
    """Read a template's roles over the duties of its industry.

    Raises:
        TemplateBroken: an unknown duty or role, a circle of inclusions, or a role that comes to
            hold two duties that must be separate.
    """
    roles: dict[str, RoleTemplate] = {}
    sheets: dict[str, Sheet] = {}
    for below in sheet.listed("roles"):
        below.has_keys(("code", "names", "duties"), ("includes",))
        code = read_code(below, roles)
        duties = below.texts("duties")
        for duty in duties:
            if duty not in catalogue.duties:
                raise below.broken("duties", f"{duty!r} is no duty of this industry")
        roles[code] = RoleTemplate(code, below.words("names"), duties, below.texts("includes"))
        sheets[code] = below
    for code, role in roles.items():
        for included in role.includes:
            if included not in roles:
                raise sheets[code].broken("includes", f"{included!r} is no role of this template")
            if _includes(roles, included, code):
                raise sheets[code].broken("includes", f"{included!r} includes this role in turn")
    for code in roles:
        _keep_apart(sheets[code], set(all_duties(roles, code)), catalogue.separations)
    return roles


def _keep_apart(sheet: Sheet, held: set[str], separations: Iterable[Separation]) -> None:
    for pair in separations:
        if {pair.first, pair.second} <= held:
            fault = f"{pair.first!r} and {pair.second!r} must not be one role's: {pair.reason.en}"
            raise sheet.broken("duties", fault)


def _includes(roles: Mapping[str, RoleTemplate], start: str, sought: str) -> bool:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        code = waiting.pop()
        if code == sought:
            return True
        if code not in seen and code in roles:
            seen.add(code)
            waiting.extend(roles[code].includes)
    return False


def all_duties(roles: Mapping[str, RoleTemplate], start: str) -> tuple[str, ...]:
    """Return the duties of a role and of all roles it includes, each once, nearest first."""
    duties: dict[str, None] = {}
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        code = waiting.pop(0)
        if code not in seen:
            seen.add(code)
            duties.update(dict.fromkeys(roles[code].duties))
            waiting.extend(roles[code].includes)
    return tuple(duties)
