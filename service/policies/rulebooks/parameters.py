"""Parameters of a document: their types, their values, and what a tenant or a story overrides."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

from service.policies.rulebooks.parts import Parameter, Written
from service.policies.rulebooks.problems import (
    MOST_PROBLEMS,
    NOWHERE,
    Position,
    Problem,
    nearest,
)
from service.policies.rulebooks.reading import Text
from service.policies.rulebooks.vocabulary.kinds import (
    Flag,
    Number,
    ParameterKind,
    ParameterValue,
    Words,
    WordSet,
)

INTEGER = re.compile(r"-?\d{1,15}", re.ASCII)
_SHARES = re.compile(r"(\d{1,3})/(\d{1,3})", re.ASCII)
WHOLE = 100
NO_KINDS: Mapping[str, ParameterKind] = MappingProxyType({})
_REFERENCE = "params."

Overrides = Mapping[str, bool | int | str | list[str] | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Parameters:
    """Every parameter of a document: its type and its value."""

    kinds: Mapping[str, ParameterKind]
    values: Mapping[str, ParameterValue]


def settle_parameters(
    declared: Mapping[str, Parameter],
    needed: Mapping[str, ParameterKind],
    overrides: Overrides,
    at: Position = NOWHERE,
    optional: Mapping[str, ParameterKind] = NO_KINDS,
) -> tuple[Parameters, list[Problem]]:
    """Type all parameters, apply the overrides, follow references; with everything wrong in it.

    A value may be `params.other`: then it follows that parameter, overridden or not.
    """
    problems: list[Problem] = []
    kinds: dict[str, ParameterKind] = {}
    for name, parameter in declared.items():
        kind = _kind(parameter, problems)
        if kind is not None:
            kinds[name] = kind
    problems += _missing(declared, needed, at)
    problems += _misfits(declared, kinds, {**needed, **optional})
    unknown = islice((name for name in overrides if name not in declared), MOST_PROBLEMS)
    problems += [
        Problem("PARAMETER_UNKNOWN", NOWHERE, {"name": name}, nearest(name, declared))
        for name in unknown
    ]
    written = {name: parameter.value for name, parameter in declared.items()} | {
        name: _as_written(value) for name, value in overrides.items() if name in declared
    }
    values = {}
    for name, kind in kinds.items():
        value = _value(declared[name], kind, _followed(written, name), problems)
        if value is not None:
            values[name] = value
    return Parameters(kinds, values), problems


def _kind(parameter: Parameter, problems: list[Problem]) -> ParameterKind | None:
    if parameter.words is not None:
        words = tuple(word.raw for word in parameter.words)
        return WordSet(words) if isinstance(parameter.value, tuple) else Words(words)
    if isinstance(parameter.value, Text) and parameter.value.raw in {"true", "false"}:
        return Flag()
    if parameter.least is None or parameter.most is None:
        problems.append(Problem("PARAMETER_UNBOUNDED", parameter.at, {"name": parameter.name}))
        return None
    bounds = [parameter.least, parameter.most]
    wrong = [bound for bound in bounds if not INTEGER.fullmatch(bound.raw)]
    problems += [_wrong_type(parameter.name, bound, "a whole number") for bound in wrong]
    return None if wrong else Number(int(parameter.least.raw), int(parameter.most.raw))


def _missing(
    declared: Mapping[str, Parameter], needed: Mapping[str, ParameterKind], at: Position
) -> Iterable[Problem]:
    for name in needed:
        if name not in declared:
            yield Problem("PARAMETER_MISSING", at.within(name), {"name": name})


def _misfits(
    declared: Mapping[str, Parameter],
    kinds: Mapping[str, ParameterKind],
    read: Mapping[str, ParameterKind],
) -> Iterable[Problem]:
    for name, kind in read.items():
        if name in kinds and not _fits(kinds[name], kind):
            yield Problem(
                "PARAMETER_WRONG_TYPE",
                declared[name].at,
                {"name": name, "value": describe(kinds[name]), "expected": describe(kind)},
            )


def _fits(kind: ParameterKind, needed: ParameterKind) -> bool:
    if isinstance(kind, Number) and isinstance(needed, Number):
        return needed.least <= kind.least and kind.most <= needed.most
    return kind == needed


def _as_written(value: bool | int | str | list[str] | tuple[str, ...]) -> Written:
    if isinstance(value, bool):
        return Text("true" if value else "false")
    if isinstance(value, list | tuple):
        return tuple(Text(str(word)) for word in value)
    return Text(str(value))


def _followed(written: Mapping[str, Written], name: str) -> Written:
    """Return what a parameter's value is written as, through one reference."""
    value = written[name]
    if isinstance(value, Text) and value.raw.startswith(_REFERENCE):
        return written.get(value.raw.removeprefix(_REFERENCE), value)
    return value


def _value(
    parameter: Parameter, kind: ParameterKind, written: Written, problems: list[Problem]
) -> ParameterValue | None:
    value = _decoded(kind, written, parameter.unit)
    if kind.admits(value):
        return value
    if isinstance(kind, Number) and isinstance(value, int):
        bounds = {"least": str(kind.least), "most": str(kind.most)}
        found = {"name": parameter.name, "value": str(value)}
        problems.append(Problem("PARAMETER_OUT_OF_BOUNDS", _place(parameter), found | bounds))
    else:
        text = written if isinstance(written, Text) else Text(", ".join(w.raw for w in written))
        at = Text(text.raw, _place(parameter))
        problems.append(_wrong_type(parameter.name, at, describe(kind)))
    return None


def _place(parameter: Parameter) -> Position:
    return parameter.value.at if isinstance(parameter.value, Text) else parameter.at


def _decoded(kind: ParameterKind, written: Written, unit: Text | None) -> ParameterValue | None:
    if isinstance(written, tuple):
        return tuple(word.raw for word in written)
    if isinstance(kind, Flag):
        return {"true": True, "false": False}.get(written.raw)
    if isinstance(kind, Number):
        return _integer(written.raw, unit)
    return written.raw


def _integer(raw: str, unit: Text | None) -> int | None:
    # Rulebooks write a division as 60/40: the first part, if both make the whole.
    shares = _SHARES.fullmatch(raw) if unit is not None and unit.raw == "percent" else None
    if shares is not None and int(shares[1]) + int(shares[2]) == WHOLE:
        return int(shares[1])
    return int(raw) if INTEGER.fullmatch(raw) else None


def _wrong_type(name: str, found: Text, expected: str) -> Problem:
    values = {"name": name, "value": found.raw, "expected": expected}
    return Problem("PARAMETER_WRONG_TYPE", found.at, values)


def describe(kind: ParameterKind) -> str:
    """Return what a type admits, as problems and editors show it."""
    if isinstance(kind, Flag):
        return "true, false"
    if isinstance(kind, Number):
        return f"{kind.least}..{kind.most}"
    listed = ", ".join(kind.words)
    return f"[{listed}]" if isinstance(kind, WordSet) else listed
