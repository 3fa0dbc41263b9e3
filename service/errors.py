"""Refusals: what the product says no with, in three languages. Pure.

Exception
├── Refusal       one reason, coded, with the values behind its sentence
│   ├── NotFound, Forbidden, InvalidInput, VersionConflict, Busy, …
│   └── each feature's own, in its errors.py
├── Refusals      several faults of one input, raised together
└── CatalogueBroken   an errors.yaml that is not true to the classes

Anything else that is raised is a fault of ours: logged with its request id, masked outside.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, ClassVar, Literal

import yaml

LOCALES = ("en", "zh-Hant", "zh-Hans")
# Both build plain values only; the one in C is ten times as fast, and not in every installation.
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
FieldPath = tuple[str, ...]
# What a value should have been: the codes of phrases.yaml, which a type checker can hold against
# every use of them.
Expected = Literal[
    "ACTION",
    "ADDRESS_RANGE",
    "AFTER_START",
    "ANOTHER_DUTY",
    "ANOTHER_MEMBER",
    "ASSIGNED_TARGET",
    "AT_MOST_CHARACTERS",
    "AT_MOST_ENTRIES",
    "BIG_INTEGER",
    "CHARACTERS",
    "CURRENCY",
    "DAY",
    "DAYS_OF_PARENT",
    "DAY_SPAN",
    "DAY_THAT_IS_OVER",
    "DECIMAL",
    "DIFFERENT_ENTRIES",
    "DUTY_OF_THE_MEMBER",
    "EACH_ONCE",
    "ENTRIES",
    "EVENT_UNLESS_RECURRING",
    "EXACTLY_ONE_OF",
    "FITTING",
    "FROM_TO",
    "GIVEN",
    "ID",
    "INSTANT",
    "KNOWN_FIELD",
    "LANGUAGE_TAG",
    "LESS_IN_ALL",
    "LINE",
    "METRIC_CODE",
    "METRIC_OF_PARENT",
    "METRIC_OF_PIECES",
    "METRIC_THAT_ADDS_UP",
    "NODES_AT_MOST",
    "NOTHING",
    "NOT_BELOW_MIN",
    "NOT_IN_FUTURE",
    "LAUNCH_DAY",
    "NOT_IN_PAST",
    "NOT_NEGATIVE",
    "NOT_ZERO",
    "NUMBER",
    "OBJECT",
    "ONE_FIELD",
    "ONE_OF",
    "PARAMETER",
    "PARAMETER_NEAR",
    "PEERS_TO_HOLD",
    "PERIOD",
    "PHONE_REGION",
    "PLACE_IF_TRANSFER",
    "POSITIVE",
    "PRINTABLE",
    "READABLE_DRAFT",
    "RECORD_CODE",
    "RELATIONS_AT_MOST",
    "RELATIONS_IN_ALL",
    "RULEBOOK_POLICY",
    "SEEN",
    "SOME_FILTER",
    "SOME_LANGUAGE",
    "STEPS_TO_DAY",
    "SUBJECT_TYPE_AND_ID",
    "SUCCESSOR_IF_CHOSEN",
    "TARGET_OF_PLAN",
    "TENANT_CODE",
    "TERM_CODE_ONCE",
    "TEXT",
    "TIME_OF_DAY",
    "TIME_ZONE",
    "WHOLE_CREDIT",
    "TRUTH_VALUE",
    "WAY_TO_SIGN_IN",
    "WEIGHT_ABOVE_0",
    "WHOLE_NUMBER",
    "WITHIN_TEN_YEARS",
    "WIDEST_SCOPE_ONCE",
    "YEAR_FROM_TO",
]


class Category(StrEnum):
    """What a client does about a refusal when it does not know the code."""

    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    FORBIDDEN = "FORBIDDEN"
    CONFLICT = "CONFLICT"
    REFUSED_BY_RULE = "REFUSED_BY_RULE"
    LIMIT = "LIMIT"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(eq=False, kw_only=True)
class Refusal(Exception):
    """One reason for a no. Subclasses give the code; their attributes fill the sentence.

    Attributes:
        field: path into the input, e.g. ("input", "siteId"); empty when no field is to blame.
        clause: clause of the tenant's rulebook that decided, if one did.
    """

    code: ClassVar[str]
    # Values that are codes of a list, like a plan's state, and how the phrases for them begin.
    coded: ClassVar[Mapping[str, str]] = {}

    field: FieldPath = ()
    clause: str | None = None

    def values(self) -> dict[str, str]:
        """Return the values behind the sentence, as text."""
        names = (item.name for item in dataclasses.fields(self))
        own = (name for name in names if name not in {"field", "clause"})
        return {name: str(getattr(self, name)) for name in own}

    def worded(self, locale: str) -> dict[str, str]:
        """Return the values as the sentence shows them in a language."""
        values = self.values()
        for name, kind in self.coded.items():
            values[name] = phrase(f"{kind}_{values[name]}", locale, {})
        return values

    def __str__(self) -> str:
        return f"{self.code} {self.values()}"


class Refusals(Exception):
    """All faults of one input, so that a form can show them at once."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(", ".join(refusal.code for refusal in self.refusals))


@dataclass(eq=False, kw_only=True)
class NotFound(Refusal):
    """No such record in sight: missing, hidden and another tenant's answer alike."""

    code: ClassVar[str] = "NOT_FOUND"


@dataclass(eq=False, kw_only=True)
class Forbidden(Refusal):
    """No duty of the caller allows this, or one forbids it."""

    code: ClassVar[str] = "FORBIDDEN"

    action: str
    reason: str


@dataclass(eq=False, kw_only=True)
class InvalidInput(Refusal):
    """A value of the input breaks its stated form."""

    code: ClassVar[str] = "INVALID_INPUT"

    expected: Expected
    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()

    def values(self) -> dict[str, str]:
        """Return what was expected by its code, with the bounds or choices that it has."""
        bounds = {"least": self.least, "most": self.most}
        found = {name: str(bound) for name, bound in bounds.items() if bound is not None}
        chosen = {"choices": ", ".join(self.choices)} if self.choices else {}
        return {"expected": self.expected, **found, **chosen}

    def worded(self, locale: str) -> dict[str, str]:
        """Return what was expected in a person's words."""
        values = self.values()
        listed = (", " if locale == LOCALES[0] else "、").join(self.choices)
        return {"expected": phrase(self.expected, locale, {**values, "choices": listed})}


@dataclass(eq=False, kw_only=True)
class InvalidPhone(Refusal):
    """A telephone number that no country's plan knows."""

    code: ClassVar[str] = "INVALID_PHONE"

    number: str


@dataclass(eq=False, kw_only=True)
class InvalidPage(Refusal):
    """`first` or `last` outside 1 to 200, or both."""

    code: ClassVar[str] = "INVALID_PAGE"


@dataclass(eq=False, kw_only=True)
class InvalidCursor(Refusal):
    """A cursor that is malformed, or was made under another order."""

    code: ClassVar[str] = "INVALID_CURSOR"


@dataclass(eq=False, kw_only=True)
class VersionConflict(Refusal):
    """The record has changed since the caller read it."""

    code: ClassVar[str] = "VERSION_CONFLICT"

    current_version: int


@dataclass(eq=False, kw_only=True)
class DayOutOfRange(Refusal):
    """A day that lies too far back or ahead; the first and the last that are taken."""

    code: ClassVar[str] = "DAY_OUT_OF_RANGE"

    first: str
    last: str


@dataclass(eq=False, kw_only=True)
class AlreadyTaken(Refusal):
    """A value that must be unique within the tenant is in use."""

    code: ClassVar[str] = "ALREADY_TAKEN"

    value: str


@dataclass(eq=False, kw_only=True)
class IdempotencyKeyReused(Refusal):
    """The key was used for another command or another input."""

    code: ClassVar[str] = "IDEMPOTENCY_KEY_REUSED"


@dataclass(eq=False, kw_only=True)
class IdempotencyInProgress(Refusal):
    """The first command with this key still runs; repeat it in a moment."""

    code: ClassVar[str] = "IDEMPOTENCY_IN_PROGRESS"


@dataclass(eq=False, kw_only=True)
class Busy(Refusal):
    """A lock was not had in time; the caller may repeat with the same key."""

    code: ClassVar[str] = "BUSY"


@dataclass(eq=False, kw_only=True)
class Unavailable(Refusal):
    """The database cannot be reached just now."""

    code: ClassVar[str] = "UNAVAILABLE"


@dataclass(eq=False, kw_only=True)
class TenantSuspended(Refusal):
    """The tenant is suspended: nothing may be read or written, nothing is lost."""

    code: ClassVar[str] = "TENANT_SUSPENDED"


@dataclass(eq=False, kw_only=True)
class NotSignedIn(Refusal):
    """No token, or one that is no longer good."""

    code: ClassVar[str] = "UNAUTHENTICATED"


class CatalogueBroken(Exception):
    """An errors.yaml that is malformed or at odds with the classes."""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """What the catalogue says of one code."""

    code: str
    category: Category
    means: str
    sentences: Mapping[str, str]

    def placeholders(self) -> set[str]:
        """Return the names its sentences fill in."""
        texts = self.sentences.values()
        return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def _entry(code: str, raw: Mapping[str, str], source: Path) -> CatalogueEntry:
    missing = {"category", "means", *LOCALES} - raw.keys()
    if missing:
        raise CatalogueBroken(f"{source.name}: {code} lacks {sorted(missing)}")
    sentences = {locale: raw[locale] for locale in LOCALES}
    return CatalogueEntry(code, Category(raw["category"]), raw["means"], sentences)


@cache
def catalogue() -> Mapping[str, CatalogueEntry]:
    """Read every errors.yaml of the product once: the general one and each feature's.

    Raises:
        CatalogueBroken: an entry is incomplete, or a code stands twice.
    """
    entries: dict[str, CatalogueEntry] = {}
    for source in sorted(Path(__file__).parent.rglob("errors.yaml")):
        for code, raw in (_read(source) or {}).items():
            if code in entries:
                raise CatalogueBroken(f"{source.name}: {code} stands twice")
            entries[code] = _entry(code, raw, source)
    return entries


class _Wording(Formatter):
    """Fills sentences; `{rows:row|rows}` is the first word of one and the second of any other."""

    def format_field(self, value: object, format_spec: str) -> str:
        """Write a value, or the word its number asks for."""
        one, both, other = format_spec.partition("|")
        if both:
            return one if str(value) == "1" else other
        return str(super().format_field(value, format_spec))


_WORDING = _Wording()


def sentence(refusal: Refusal, locale: str) -> str:
    """Word a refusal for a person, in one of the product's locales."""
    entry = catalogue()[refusal.code]
    return _WORDING.vformat(entry.sentences[locale], (), refusal.worded(locale))


def _read(source: Path) -> Any:  # noqa: ANN401 - whatever YAML holds
    return yaml.load(source.read_text("utf-8"), Loader=_LOADER)  # noqa: S506 - one of the two safe loaders


@cache
def phrases() -> Mapping[str, Mapping[str, str]]:
    """Read every phrases.yaml of the product once: parts of sentences by code and language.

    Raises:
        CatalogueBroken: a phrase lacks a language, or a code stands twice.
    """
    found: dict[str, Mapping[str, str]] = {}
    for source in sorted(Path(__file__).parent.rglob("phrases.yaml")):
        for code, raw in _read(source).items():
            if code in found or set(raw) != set(LOCALES):
                raise CatalogueBroken(f"{source.name}: {code} stands twice or lacks a language")
            found[code] = raw
    return found


def phrase(code: str, locale: str, values: Mapping[str, str]) -> str:
    """Word a part of a sentence that a refusal names by its code."""
    return _WORDING.vformat(phrases()[code][locale], (), values)
