"""Which customers belong to which territory: conditions in the language of the rulebooks. Pure.

A customer belongs to the first territory, from the top of the tree down, whose condition holds for
him together with those above it; the deepest such one. A territory without a condition takes nobody
by itself and lets everybody through to those below it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.policies.rulebooks.conditions import Condition
from service.policies.rulebooks.evaluating import holds
from service.policies.rulebooks.meaning import MeantDecision, MeantRule
from service.policies.rulebooks.parts import Rule
from service.policies.rulebooks.reading import Text
from service.policies.rulebooks.settling import Scope, settle_condition
from service.policies.rulebooks.vocabulary.kinds import (
    DecisionWords,
    Fact,
    Flag,
    Kind,
    Label,
    Number,
    Value,
    Words,
)
from service.territories.words import TraitKind

NONE: Final = "NONE"
"""The word of a trait that nobody has stated; no trait of a tenant may call a word so."""

_NAME: Final = Label("Which territory?", "屬於哪個轄區", "属于哪个辖区")
_SHIPPED: Final = (
    Fact(
        "kind",
        Words(("PERSON", "ORGANISATION")),
        "PERSON",
        Label("what the customer is", "客戶類型", "客户类型"),
    ),
    Fact(
        "owned",
        Flag(),
        False,
        Label("a colleague has met him", "已有同事接待", "已有同事接待"),
    ),
)


@dataclass(frozen=True, slots=True)
class Trait:
    """Something a tenant knows of its customers: a province, a number of beds, a product line.

    Attributes:
        words: the closed list of a WORD.
        least, most: the bounds of a NUMBER, both included.
    """

    code: str
    kind: TraitKind
    label: Label
    words: tuple[str, ...] = ()
    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A territory's place in a model, with its condition if it has one."""

    territory_id: UUID
    parent_id: UUID | None
    code: str
    position: int = 0
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A territory that takes customers, and all that must hold for them."""

    territory_id: UUID
    code: str
    when: tuple[Condition, ...]


def words_of(traits: Iterable[Trait]) -> DecisionWords:
    """Return the vocabulary of conditions: the product's facts and the tenant's traits."""
    own = (
        Fact(one.code, _kind_of(one), _absent(one), one.label)
        for one in sorted(traits, key=lambda one: one.code)
    )
    return DecisionWords("territory", _NAME, facts=(*_SHIPPED, *own), fields=())


def _kind_of(trait: Trait) -> Kind:
    if trait.kind is TraitKind.FLAG:
        return Flag()
    if trait.kind is TraitKind.NUMBER:
        return Number(min(trait.least, 0), max(trait.most, 0))
    return Words((NONE, *trait.words))


def _absent(trait: Trait) -> Value:
    if trait.kind is TraitKind.FLAG:
        return False
    return 0 if trait.kind is TraitKind.NUMBER else NONE


def condition(rule: str, words: DecisionWords) -> Condition:
    """Read and type one condition.

    Raises:
        RulebookRefused: with its first problem.
    """
    return settle_condition(Text(rule), Scope(words, {}))


def members(places: Sequence[Place], words: DecisionWords) -> tuple[Member, ...]:
    """Return the territories that take customers, in the order in which they are asked.

    Raises:
        RulebookRefused: a condition cannot be read any more.
    """
    below = children(places)
    return tuple(_walk(below, None, (), words))


def children(places: Sequence[Place]) -> dict[UUID | None, list[Place]]:
    """Return the places below each, in order; those at the top below None."""
    below: dict[UUID | None, list[Place]] = {}
    for place in sorted(places, key=lambda one: (one.position, one.code)):
        below.setdefault(place.parent_id, []).append(place)
    return below


def tree_of(places: Iterable[Place]) -> dict[UUID, UUID | None]:
    """Return which territory stands below which."""
    return {one.territory_id: one.parent_id for one in places}


def homes(left: Iterable[Place], taken: Iterable[Place]) -> dict[UUID, UUID]:
    """Return, for territories without a place in a model, the nearest above them that has one.

    Args:
        left: the model that is left, whose tree says what is above.
        taken: the model that is taken up.
    """
    above = tree_of(left)
    standing = {one.territory_id for one in taken}
    found: dict[UUID, UUID] = {}
    for territory_id in above.keys() - standing:
        here: UUID | None = territory_id
        while here is not None and here not in standing:
            here = above.get(here)
        if here is not None:
            found[territory_id] = here
    return found


def _walk(
    below: Mapping[UUID | None, list[Place]],
    above: UUID | None,
    when: tuple[Condition, ...],
    words: DecisionWords,
) -> Iterator[Member]:
    for place in below.get(above, ()):
        own = () if place.rule is None else (condition(place.rule, words),)
        lines = (*when, *own)
        yield from _walk(below, place.territory_id, lines, words)
        if own:
            yield Member(place.territory_id, place.code, lines)


def territory_of(asked: Iterable[Member], facts: Mapping[str, Value]) -> UUID | None:
    """Return the territory a customer belongs to by the conditions; None where none holds."""
    for member in asked:
        if all(holds(line, facts, {}) for line in member.when):
            return member.territory_id
    return None


def decision_of(asked: Sequence[Member], words: DecisionWords) -> MeantDecision:
    """Return the same as a decision whose rules are the members; the last of them is nobody."""
    rules = [MeantRule(_rule(one.code), one.when, {}) for one in asked]
    return MeantDecision(words, (*rules, MeantRule(_rule(""), (), {})))


def _rule(code: str) -> Rule:
    return Rule(Text(code), Text(""), {}, (), {})
