"""Writing a draft: begun from something, changed, discarded. Readable or not, it is kept."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from service.database.session import Row
from service.errors import FieldPath, InvalidInput, Refusals, VersionConflict
from service.policies.rulebooks.document import from_json, parse
from service.policies.rulebooks.drafts import propose, write
from service.policies.rulebooks.problems import (
    MOST_PROBLEMS,
    RulebookRefused,
    nearest_few,
)
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES
from service.rulebooks import facts
from service.rulebooks.errors import DraftNotInState
from service.rulebooks.events import DraftWritten
from service.rulebooks.in_force import SHOWROOM_POLICY
from service.rulebooks.in_turn import in_turn
from service.rulebooks.looked_over import readable
from service.rulebooks.queries import proposal_key
from service.rulebooks.rewriting import text_with
from service.rulebooks.simulated import text_hash
from service.rulebooks.tables import LONGEST_TEXT, DraftState, RulebookDraft
from service.work import UnitOfWork

WRITE: Final = "rulebook.draft"
_TEXT: Final = ("input", "text")
_NAME: Final = ("input", "name")
_LONGEST_NAME: Final = 200
# Where a draft may be written in: what was rejected is taken up again by writing in it.
_OPEN: Final = frozenset({DraftState.DRAFT.value, DraftState.REJECTED.value})

_SKELETON: Final = """policy: {policy}
title: {{en: "", zh-Hant: "", zh-Hans: ""}}
industry: ""
applies_to: []
effective: {{}}
running: keep
principles: []
params: {{}}
rotation: {{}}
decisions: {{}}
tests: []
"""

Parameters = Mapping[str, bool | int | str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Text:
    """A whole document as it was sent: YAML, or JSON values as text. One of the two is given."""

    yaml: str | None = None
    json: str | None = None


def skeleton(policy: str) -> str:
    """Return the text of a document that has every part and nothing in it.

    Raises:
        InvalidInput: there is no such policy.
    """
    if policy not in VOCABULARIES:
        choices = tuple(sorted(VOCABULARIES))
        field = ("input", "source", "blank")
        raise InvalidInput(field=field, expected="ONE_OF", choices=choices)
    return _SKELETON.format(policy=policy)


@dataclass(frozen=True, slots=True)
class CreateDraft:
    """Begin a draft from a text, or from a published version with its parameters written in.

    Attributes:
        site_id: the one site it is meant for; None is the whole company.
        version_id: a published version to begin from; None where `text` is given.
    """

    name: str
    site_id: UUID | None = None
    text: Text | None = None
    version_id: UUID | None = None


async def create_draft(work: UnitOfWork, order: CreateDraft) -> UUID:
    """Begin a draft and return its id; a text that cannot be read yet is kept as it is.

    Raises:
        Forbidden, NotFound (site or version), InvalidInput.
    """
    verdict = work.authorise(WRITE, await facts.place_of(work, order.site_id))
    if order.version_id is not None:
        row = await facts.version_row(work, order.version_id)
        text = await in_turn(_of_version, row["document"], row["overrides"])
    else:
        text = await in_turn(_as_yaml, order.text or Text(), _TEXT)
    read = await in_turn(_read, text)
    draft = RulebookDraft(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        changed_at=work.now,
        name=_name(order.name),
        site_id=order.site_id,
        based_on_id=order.version_id,
        text=text,
        author_ids=_with_author((), work, verdict.acts_as),
        **read,
    )
    work.add(draft)
    work.concerns("rulebook_draft", draft.id, name=draft.name)
    work.emit(DraftWritten(draft.id))
    return draft.id


@dataclass(frozen=True, slots=True)
class EditDraft:
    """Change a draft that the caller has seen as it is.

    Attributes:
        name, text: what replaces them; None leaves them.
        parameters: values written into the text, which is then laid out anew.
    """

    draft_id: UUID
    expected_version: int
    name: str | None = None
    text: Text | None = None
    parameters: Parameters | None = None


async def edit_draft(work: UnitOfWork, order: EditDraft) -> UUID:
    """Change a draft and return its id; a rejected one is open again. Locks it.

    Who changes the text becomes one of its authors, and cannot approve it.

    Raises:
        NotFound, Forbidden, VersionConflict, DraftNotInState, InvalidInput, or Refusals of
        InvalidInput for parameters that the text does not have.
    """
    row = await facts.draft(work, order.draft_id)
    verdict = work.authorise(WRITE, await facts.place_of(work, row["site_id"]))
    must_be(row, _OPEN)
    if row["version"] != order.expected_version:
        raise VersionConflict(field=("input", "expectedVersion"), current_version=row["version"])
    values: dict[str, object] = {"state": DraftState.DRAFT.value, "changed_at": work.now}
    if order.name is not None:
        values["name"] = _name(order.name)
    text = row["text"]
    if order.text is not None:
        text = await in_turn(_as_yaml, order.text, _TEXT)
    if order.parameters:
        text = await in_turn(_with_values, text, order.parameters)
    if text != row["text"]:
        values |= {"text": text, **await in_turn(_read, text)}
        values["author_ids"] = _with_author(row["author_ids"], work, verdict.acts_as)
    work.change(RulebookDraft, order.draft_id, values)
    work.concerns("rulebook_draft", order.draft_id, **_changed(values))
    work.emit(DraftWritten(order.draft_id))
    return order.draft_id


@dataclass(frozen=True, slots=True)
class AcceptTests:
    """Take proposed tests over into a draft.

    Attributes:
        keys: of the proposals wanted; none: all there are.
    """

    draft_id: UUID
    expected_version: int
    keys: tuple[str, ...] = ()


async def accept_tests(work: UnitOfWork, order: AcceptTests) -> UUID:
    """Add proposed tests to a draft's own and return its id; a key not proposed any more is passed.

    Whoever adds them is one of its authors. Locks the draft.

    Raises:
        NotFound, Forbidden, VersionConflict, DraftNotInState, InvalidInput (a text that cannot be
        read).
    """
    row = await facts.draft(work, order.draft_id)
    text = await in_turn(_with_tests, row["text"], frozenset(order.keys))
    edit = EditDraft(order.draft_id, order.expected_version, text=Text(yaml=text))
    return await edit_draft(work, edit)


@dataclass(frozen=True, slots=True)
class DiscardDraft:
    """Throw a draft away."""

    draft_id: UUID


async def discard_draft(work: UnitOfWork, order: DiscardDraft) -> UUID:
    """Discard a draft that waits for nobody and return its id; it is not shown any more. Locks it.

    Raises:
        NotFound, Forbidden, DraftNotInState.
    """
    row = await facts.draft(work, order.draft_id)
    work.authorise(WRITE, await facts.place_of(work, row["site_id"]))
    must_be(row, _OPEN)
    work.change(RulebookDraft, order.draft_id, {"state": DraftState.DISCARDED.value})
    work.concerns("rulebook_draft", order.draft_id)
    work.emit(DraftWritten(order.draft_id))
    return order.draft_id


def must_be(row: Row, states: frozenset[str]) -> None:
    """Refuse what a draft's place in its life does not allow.

    Raises:
        DraftNotInState.
    """
    if row["state"] not in states:
        raise DraftNotInState(field=facts.DRAFT, state=row["state"])


def _name(name: str) -> str:
    stripped = name.strip()
    if not 1 <= len(stripped) <= _LONGEST_NAME:
        raise InvalidInput(field=_NAME, expected="CHARACTERS", least=1, most=_LONGEST_NAME)
    return stripped


def _as_yaml(text: Text, field: FieldPath) -> str:
    """Return what was sent as YAML.

    Raises:
        InvalidInput: it is empty, too long, or JSON that is none or no document.
    """
    sent = text.json if text.yaml is None else text.yaml
    if sent is None or not 1 <= len(sent) <= LONGEST_TEXT:
        raise InvalidInput(field=field, expected="CHARACTERS", least=1, most=LONGEST_TEXT)
    if text.json is None or text.yaml is not None:
        return sent
    try:
        # JSON is YAML as well: a key that stands twice is seen, and faults have their places.
        return write(parse(sent))
    except RulebookRefused:
        return sent


def _read(text: str) -> dict[str, Any]:
    """Return what a draft's row keeps of its text: the policy it is of, and its digest."""
    document = readable(text)
    if document is None:
        return {"policy": SHOWROOM_POLICY, "text_hash": None}
    return {"policy": document.policy.raw, "text_hash": text_hash(document.to_json(), {})}


def _of_version(stored: dict[str, Any], overrides: dict[str, Any]) -> str:
    return text_with(stored, overrides)


def _with_values(text: str, parameters: Parameters) -> str:
    field = ("input", "parameters")
    document = readable(text)
    if document is None:
        raise InvalidInput(field=field, expected="READABLE_DRAFT")
    unknown = [
        _unknown(name, document.params, (*field, str(position), "name"))
        for position, name in enumerate(parameters)
        if name not in document.params
    ]
    if unknown:
        raise Refusals(unknown[:MOST_PROBLEMS])
    values = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in parameters.items()
    }
    return text_with(document.to_json(), values)


def _unknown(name: str, known: Collection[str], field: FieldPath) -> InvalidInput:
    """Name what was perhaps meant: nobody finds it among dozens."""
    near = nearest_few(name, known)
    if near:
        return InvalidInput(field=field, expected="PARAMETER_NEAR", choices=near)
    return InvalidInput(field=field, expected="PARAMETER")


def _with_tests(text: str, keys: frozenset[str]) -> str:
    try:
        document = parse(text)
        proposed = propose(document)
    except RulebookRefused as refused:
        raise InvalidInput(field=facts.DRAFT, expected="READABLE_DRAFT") from refused
    stored: dict[str, Any] = document.to_json()
    wanted = [
        dict(proposal.test) for proposal in proposed if not keys or proposal_key(proposal) in keys
    ]
    return write(from_json({**stored, "tests": [*stored["tests"], *wanted]}))


def _with_author(
    known: "tuple[UUID, ...] | list[UUID]", work: UnitOfWork, absent: UUID | None
) -> list[UUID]:
    """Add who writes, and for whom, to a draft's authors."""
    writing = [one for one in (work.caller.member_id, absent) if one is not None]
    return list(dict.fromkeys([*known, *writing]))


def _changed(values: Mapping[str, object]) -> dict[str, object]:
    return {"changed": sorted(set(values) & {"name", "text"}), "text_hash": values.get("text_hash")}
