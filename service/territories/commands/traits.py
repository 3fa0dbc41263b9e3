"""What a company knows of its customers, in a closed vocabulary that conditions may ask for."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.errors import AlreadyTaken, InvalidInput, Refusal
from service.organisation.facts import locked, refuse_other_version, refuse_taken
from service.policies.access import Record
from service.tenants.texts import Texts, refuse_faults
from service.territories import belonging
from service.territories.rules.membership import NONE, words_of
from service.territories.tables import AccountTrait
from service.territories.words import TraitKind
from service.work import UnitOfWork

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_WORD: Final = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_TAKEN: Final = frozenset({"and", "or", "not", "is", "in", "params"})
_MOST_WORDS: Final = 1_000
_MOST_TRAITS: Final = 100
_FURTHEST: Final = 1_000_000_000
_TRAIT: Final = ("input", "accountTraitId")


@dataclass(frozen=True, slots=True)
class DeclareAccountTrait:
    """Let conditions ask for something: whether, how many, or which of a closed list of words."""

    code: str
    names: Texts
    kind: TraitKind
    words: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None


async def declare_account_trait(work: UnitOfWork, order: DeclareAccountTrait) -> UUID:
    """Declare a trait and return its id.

    Raises:
        Forbidden, AlreadyTaken (code), InvalidInput, or Refusals (names).
    """
    work.authorise("account_trait.declare", Record())
    refuse_faults((*order.names.faults(("input", "names")), *_faults(order)))
    await refuse_taken(work, "account_trait", order.code)
    known = await belonging.traits(work)
    if order.code in {fact.name for fact in words_of(()).facts}:
        raise AlreadyTaken(field=("input", "code"), value=order.code)
    if len(known) >= _MOST_TRAITS:
        raise InvalidInput(field=("input", "code"), expected="FITTING")
    made = AccountTrait(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        code=order.code,
        names=order.names.by_locale(),
        kind=str(order.kind),
        words=list(order.words),
        least=order.least,
        most=order.most,
        created_at=work.now,
        created_by=work.caller.member_id,
    )
    work.add(made)
    work.concerns("account_trait", made.id, code=order.code)
    return made.id


def _faults(order: DeclareAccountTrait) -> Iterator[Refusal]:
    if not _CODE.fullmatch(order.code) or order.code in _TAKEN:
        yield InvalidInput(field=("input", "code"), expected="FITTING")
    if order.kind == TraitKind.WORD:
        yield from _word_faults(order.words)
    elif order.words:
        yield InvalidInput(field=("input", "words"), expected="FITTING")
    if order.kind == TraitKind.NUMBER:
        least, most = order.least, order.most
        if least is None or most is None or not -_FURTHEST <= least < most <= _FURTHEST:
            yield InvalidInput(field=("input", "most"), expected="FITTING")
    elif (order.least, order.most) != (None, None):
        yield InvalidInput(field=("input", "least"), expected="FITTING")


def _word_faults(words: Sequence[str]) -> Iterator[Refusal]:
    whole = 0 < len(words) <= _MOST_WORDS and len(set(words)) == len(words)
    if not whole or NONE in words or not all(map(_WORD.fullmatch, words)):
        yield InvalidInput(field=("input", "words"), expected="FITTING")


@dataclass(frozen=True, slots=True)
class EditAccountTrait:
    """Rename a trait, or add words to its list; what is None stays."""

    account_trait_id: UUID
    expected_version: int
    names: Texts | None = None
    added_words: tuple[str, ...] = ()


async def edit_account_trait(work: UnitOfWork, order: EditAccountTrait) -> UUID:
    """Change a trait and return its id; locks it.

    Raises:
        Forbidden, NotFound, VersionConflict, InvalidInput, or Refusals (names).
    """
    row = await locked(work, "account_trait", order.account_trait_id, _TRAIT)
    work.authorise("account_trait.declare", Record())
    refuse_other_version(row, order.expected_version)
    changes: dict[str, object] = {}
    if order.names is not None:
        refuse_faults(order.names.faults(("input", "names")))
        changes["names"] = order.names.by_locale()
    if order.added_words:
        words = (*row["words"], *order.added_words)
        if row["kind"] != TraitKind.WORD or list(_word_faults(words)):
            raise InvalidInput(field=("input", "addedWords"), expected="FITTING")
        changes["words"] = list(words)
    work.change(AccountTrait, order.account_trait_id, changes)
    work.concerns("account_trait", order.account_trait_id, **changes)
    return order.account_trait_id
