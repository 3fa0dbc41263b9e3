"""Why a policy is refused before it is stored; also raised when a stored one is found broken.

Values are shown clipped and in one line: they are whatever a tenant's admin typed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final

from service.errors import Refusal

_LONGEST_SHOWN: Final = 60


def clipped(value: object) -> str:
    """Return a value fit for a sentence: one line, no control characters, not endless."""
    text = "".join(sign if sign.isprintable() else " " for sign in str(value)[: _LONGEST_SHOWN + 1])
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the word that was most likely meant, or nothing where none is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - seldom asked for

    near = get_close_matches(clipped(word).lower(), sorted(known), n=1)
    return near[0] if near else ""


_MEANT: Final = {
    "en": " Did you mean “{}”?",
    "zh-Hant": "是否指「{}」？",
    "zh-Hans": "是否指“{}”？",
}


def _worded(value: str, suggestion: str, locale: str) -> dict[str, str]:
    """Return an unknown word, and the question whether another was meant."""
    meant = _MEANT[locale].format(suggestion) if suggestion else ""
    return {"value": value, "suggestion": meant}


class PolicyBroken(Exception):
    """Stored rows that `check_row` would refuse: the tenant's policy is not compiled at all.

    Dropping the bad row would be worse: it may be the one that denies.
    """

    def __init__(self, problems: Iterable[Refusal]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


@dataclass(eq=False, kw_only=True)
class PolicyRowIncomplete(Refusal):
    """A part of the row is missing or is no text."""

    code: ClassVar[str] = "POLICY_ROW_INCOMPLETE"

    part: str


@dataclass(eq=False, kw_only=True)
class DutyCodeInvalid(Refusal):
    """A duty's code is `d:` and up to 64 small letters, digits, dots, dashes or underscores."""

    code: ClassVar[str] = "DUTY_CODE_INVALID"

    value: str


@dataclass(eq=False, kw_only=True)
class RoleCodeInvalid(Refusal):
    """A role's code is `r:` and up to 64 small letters, digits, dots, dashes or underscores."""

    code: ClassVar[str] = "ROLE_CODE_INVALID"

    value: str


@dataclass(eq=False, kw_only=True)
class ActionUnknown(Refusal):
    """The vocabulary has no such action of such an object in this domain."""

    code: ClassVar[str] = "ACTION_UNKNOWN"

    value: str
    suggestion: str = ""

    def worded(self, locale: str) -> dict[str, str]:
        """Return the values as the sentence shows them, the suggestion as a question."""
        return _worded(self.value, self.suggestion, locale)


@dataclass(eq=False, kw_only=True)
class ScopeUnknown(Refusal):
    """Not one of own, team, territory, tenant, requested."""

    code: ClassVar[str] = "SCOPE_UNKNOWN"

    value: str
    suggestion: str = ""

    def worded(self, locale: str) -> dict[str, str]:
        """Return the values as the sentence shows them, the suggestion as a question."""
        return _worded(self.value, self.suggestion, locale)


@dataclass(eq=False, kw_only=True)
class EffectUnknown(Refusal):
    """Neither allow nor deny; Casbin would ignore such a row in silence."""

    code: ClassVar[str] = "EFFECT_UNKNOWN"

    value: str


@dataclass(eq=False, kw_only=True)
class LimitUnreadable(Refusal):
    """A limit is `field<=whole number` and nothing else."""

    code: ClassVar[str] = "LIMIT_UNREADABLE"

    value: str


@dataclass(eq=False, kw_only=True)
class LimitFieldUnknown(Refusal):
    """Records of this object have no such figure."""

    code: ClassVar[str] = "LIMIT_FIELD_UNKNOWN"

    value: str


@dataclass(eq=False, kw_only=True)
class LimitOnDeny(Refusal):
    """A deny row has no limit: a missing value would switch the prohibition off."""

    code: ClassVar[str] = "LIMIT_ON_DENY"


@dataclass(eq=False, kw_only=True)
class RequestedOnlyDenies(Refusal):
    """The scope `requested` is for deny rows: nobody gains a right by asking."""

    code: ClassVar[str] = "REQUESTED_ONLY_DENIES"


@dataclass(eq=False, kw_only=True)
class EveryoneOnlyFourEyes(Refusal):
    """The duty `*` may only deny what one has requested oneself."""

    code: ClassVar[str] = "EVERYONE_ONLY_FOUR_EYES"


@dataclass(eq=False, kw_only=True)
class RoleIncludesItself(Refusal):
    """Roles that include one another in a circle."""

    code: ClassVar[str] = "ROLE_INCLUDES_ITSELF"

    roles: str


@dataclass(eq=False, kw_only=True)
class TreeGoesInCircles(Refusal):
    """Org units or territories that are their own ancestors."""

    code: ClassVar[str] = "TREE_GOES_IN_CIRCLES"

    tree: str


@dataclass(eq=False, kw_only=True)
class PolicyTooLarge(Refusal):
    """More roles or rows than one tenant may have."""

    code: ClassVar[str] = "POLICY_TOO_LARGE"

    part: str
    most: int
