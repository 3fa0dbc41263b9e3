"""Prints conditions as CEL, the language a second engine can judge them by.

Facts are variables of their own names; parameters are the map `params`, indexed by name.
"""

from service.policies.rulebooks.conditions import (
    All,
    Among,
    Compares,
    Condition,
    FactTerm,
    Holds,
    Not,
    ParameterTerm,
    Sum,
    Term,
    Word,
)


def to_cel(condition: Condition) -> str:
    """Return a condition as a CEL expression."""
    if isinstance(condition, Holds):
        return _term(condition.flag)
    if isinstance(condition, Compares):
        relation = "==" if condition.relation == "is" else condition.relation
        return f"{_term(condition.left)} {relation} {_term(condition.right)}"
    if isinstance(condition, Among):
        return f"{_term(condition.left)} in {_listed(condition.listed)}"
    if isinstance(condition, Not):
        return f"!({to_cel(condition.part)})"
    joint = " && " if isinstance(condition, All) else " || "
    return joint.join(f"({to_cel(part)})" for part in condition.parts)


def _term(term: Term) -> str:
    if isinstance(term, FactTerm):
        return term.name
    if isinstance(term, ParameterTerm):
        return _parameter(term.name)
    return f'"{term.text}"' if isinstance(term, Word) else _sum(term)


def _parameter(name: str) -> str:
    return f'params["{name}"]'


def _sum(total: Sum) -> str:
    added = " + ".join([str(total.constant), *map(_parameter, total.added)])
    return " - ".join([added, *map(_parameter, total.taken_away)])


def _listed(listed: tuple[str, ...] | ParameterTerm) -> str:
    if isinstance(listed, ParameterTerm):
        return _parameter(listed.name)
    return "[" + ", ".join(f'"{word}"' for word in listed) + "]"
