"""Publishing at once, by who is alone in charge: checked whole, numbered, never changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from service.errors import InvalidInput, Refusals
from service.organisation.holders import who_may
from service.policies.access import Record
from service.policies.rulebooks.checks import check
from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.document import from_json, parse
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.problems import Problem, RulebookRefused
from service.policies.rulebooks.trials import run_tests
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM
from service.rulebooks.commands.placing import NewVersion, put_in_force
from service.rulebooks.completing import completed
from service.rulebooks.errors import (
    NoRulebookInForce,
    PublishedInThePast,
    RulebookFaulty,
    RulebookNeedsApproval,
    failing_test,
)
from service.rulebooks.in_force import SHOWROOM_POLICY, VERSION_IN_FORCE
from service.rulebooks.in_turn import in_turn
from service.work import UnitOfWork

PUBLISH = "rulebook.publish"
_LONGEST_TEXT = 400_000
_MOST_SHOWN = 50

ParameterWritten = bool | int | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublishRulebook:
    """Publish a version of the showroom rulebook, in force from an instant (None: now).

    Attributes:
        text: the whole document as YAML; None keeps the document in force.
        overrides: parameters that differ from the document's own values; with a new text none
            are taken over from the version before, without one they come on top of its own.
    """

    text: str | None = None
    overrides: Mapping[str, ParameterWritten] | None = None
    effective_from: datetime | None = None


async def publish_rulebook(work: UnitOfWork, order: PublishRulebook) -> UUID:
    """Publish the next version and return its id; every fault of it is told with its place.

    Raises:
        Forbidden, RulebookNeedsApproval (somebody else may approve it), PublishedInThePast,
        NoRulebookInForce (nothing to override), or Refusals of RulebookFaulty and
        RulebookTestFails.
    """
    work.authorise(PUBLISH, Record())
    begins = order.effective_from or work.now
    if begins < work.now:
        raise PublishedInThePast(field=("input", "effectiveFrom"))
    await _refuse_alone(work)
    overrides = dict(order.overrides or {})
    if order.text is None:
        stored, before = await _in_force(work, begins)
        # A new version speaks of everything the product asks by now.
        document = from_json(completed(stored))
        overrides = before | overrides
    else:
        if len(order.text) > _LONGEST_TEXT:
            field = ("input", "text")
            raise InvalidInput(field=field, expected="AT_MOST_CHARACTERS", most=_LONGEST_TEXT)
        document = None
    # Checking takes tens of milliseconds of arithmetic: other requests go on meanwhile.
    stored = await in_turn(_checked, document, order.text, overrides, _locale(work))
    authors = () if work.caller.member_id is None else (work.caller.member_id,)
    new = NewVersion(SHOWROOM_POLICY, stored, overrides, begins, author_ids=authors)
    version_id = await put_in_force(work, new)
    work.concerns("rulebook_version", version_id, overrides=order.overrides or {})
    return version_id


async def _refuse_alone(work: UnitOfWork) -> None:
    """Refuse to publish alone where there are four eyes: then a draft goes to somebody else."""
    if work.by_product:
        return
    others = set(await who_may(work, PUBLISH, Record())) - set(work.actor.stood_for())
    if others:
        raise RulebookNeedsApproval


async def amend(work: UnitOfWork, overrides: Mapping[str, Any], begins: datetime) -> UUID:
    """Let the version in force at an instant go on from there with parameters changed, unchecked.

    For what the product itself sets up: throw-away tenants, stories. Returns the new version's id.

    Raises:
        NoRulebookInForce.
    """
    stored, before = await _in_force(work, begins)
    new = NewVersion(SHOWROOM_POLICY, stored, {**before, **overrides}, begins)
    return await put_in_force(work, new)


async def _in_force(work: UnitOfWork, at: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    row = await work.fetch_one(
        "SELECT document, overrides FROM app.rulebook_version"
        f" WHERE tenant_id = $1 AND id = {VERSION_IN_FORCE.format(at='$2')}",
        work.tenant_id,
        at,
    )
    if row is None:
        raise NoRulebookInForce
    return row["document"], row["overrides"]


def _checked(
    document: Document | None, text: str | None, overrides: Mapping[str, Any], locale: str
) -> dict[str, Any]:
    """Return the document as it is stored, or raise everything that is wrong with it."""
    try:
        if document is None:
            document = parse(text or "")
            if document.policy.raw != SHOWROOM_POLICY:
                field, wanted = ("input", "text"), (SHOWROOM_POLICY,)
                raise InvalidInput(field=field, expected="RULEBOOK_POLICY", choices=wanted)
            refuse(
                (one for one in check(document, SHOWROOM) if one.forbids), ("input", "text"), locale
            )
            _refuse_failing(document)
        compile_rulebook(document, SHOWROOM, overrides)
    except RulebookRefused as refused:
        # Only the text has places; a fault without one is a parameter's.
        field = ("input", "text") if text is not None and not overrides else ("input", "overrides")
        refuse(refused.problems, field, locale)
        raise
    stored: dict[str, Any] = document.to_json()
    return stored


def refuse(problems: Iterable[Problem], field: tuple[str, ...], locale: str) -> None:
    """Refuse a text for what is wrong with it.

    Raises:
        Refusals: of RulebookFaulty, one for each problem.
    """
    found = [
        RulebookFaulty(
            field=("input", "text") if one.at.line else field,
            problem=one.code,
            line=one.at.line,
            column=one.at.column,
            message=one.message(locale),  # type: ignore[arg-type]  # one of the three locales
        )
        for one in problems
    ]
    if found:
        raise Refusals(found[:_MOST_SHOWN])


def _refuse_failing(document: Document) -> None:
    failures = run_tests(compile_rulebook(document, SHOWROOM))
    if failures:
        raise Refusals(failing_test(one) for one in failures[:_MOST_SHOWN])


def _locale(work: UnitOfWork) -> str:
    return "en" if work.by_product else work.actor.locale
