"""Who would be next, in a planned answer: the statement brings everybody it could be."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from service.reception.queries import Foreseen, next_in_turn
from service.rulebooks.in_force import InForce
from service.schema.planner.finishing import Finishing, Shown
from service.schema.planner.mapping import Finished, mapping_of
from service.schema.planner.plan import Selected
from service.schema.planner.sql import Writer
from service.schema.planner.unplannable import Unplannable
from service.schema.reasons import HIDDEN, in_force_of, name_shown, say

_MEMBER = "member"


def planned_next(places: str, manager: str, version: str, made: Any) -> Finished:  # noqa: ANN401 - a function
    """Return how a queue's `next` is planned.

    Args:
        places: SQL of the live order over `t`.
        manager: SQL of the site's manager.
        version: SQL of the rulebook's version in force.
        made: makes the parts of the answer that need nobody's name, from rulebook and outcome.
    """

    def raw(writer: Writer, field: Selected) -> str:
        settle = writer.outline.settle
        kinds = [name_shown(writer.outline, "y.id"), *_members(writer, field)]
        people = (
            f"(SELECT coalesce(json_object_agg(y.id, json_build_array({', '.join(kinds)})), '{{}}')"
            " FROM (SELECT (e.value->>0)::uuid AS id FROM jsonb_array_elements(z.places) e"
            " UNION SELECT z.manager WHERE z.manager IS NOT NULL) y)"
        )
        return (
            "(SELECT CASE WHEN z.version IS NOT NULL THEN"
            f" json_build_array(z.version, z.places, z.manager, {people}) END"
            f" FROM (SELECT {settle(places)} AS places, {settle(manager)} AS manager,"
            f" {settle(version)} AS version) z)"
        )

    async def finish(finishing: Finishing, found: Any, _arguments: object) -> Any:  # noqa: ANN401 - JSON
        version_row, order, manager_row, people = found
        known = await in_force_of(finishing, UUID(version_row))
        outcome = next_in_turn(known.rulebook, order, UUID(manager_row) if manager_row else None)
        return await _told(finishing, known, outcome, _People(people, made))

    return Finished(raw, finish, deep=True)


def _selected(field: Selected, below: Any) -> list[Selected]:  # noqa: ANN401 - what gives the fields below
    found = []
    for one in below(field):
        if one.name == _MEMBER:
            found.append(one)
        elif one.name == "passed_over":
            found += [inner for inner in below(one) if inner.name == _MEMBER]
    return found


def _members(writer: Writer, field: Selected) -> list[str]:
    """Write, for each place where a member is shown, what is selected of him."""
    before = len(writer.unfinished)
    written = []
    for one in _selected(field, writer.operation.below):
        shown = writer.one(one, mapping_of("Member"), "y.id")
        written += [f"'{id(one)}'", shown]
    if len(writer.unfinished) > before:
        raise Unplannable("FIELD", _MEMBER)
    return written


class _People:
    """Everybody who could be named, with what is shown of him at each place."""

    def __init__(self, found: dict[str, list[Any]], made: Any) -> None:  # noqa: ANN401 - a function
        self._found = found
        self.made = made

    def name(self, row: UUID | None) -> str:
        """Return a name as the caller may see it."""
        known = self._found.get(str(row))
        return known[0] if known else HIDDEN

    def shown(self, row: UUID | None) -> Shown:
        """Return what is shown of a member, by the place's name in the answer."""
        known = self._found.get(str(row)) or ()
        pairs = zip(known[1::2], known[2::2], strict=True)
        return Shown({int(place): one for place, one in pairs})


async def _told(
    finishing: Finishing, known: InForce, outcome: Foreseen, people: _People
) -> SimpleNamespace:
    named = {"receiver": outcome.receiver_id, "owner": outcome.owner_id}
    names = {word: people.name(row) for word, row in named.items() if row}
    return SimpleNamespace(
        **people.made(known, outcome),
        member=people.shown(outcome.receiver_id),
        why=await say(finishing, known.version_id, outcome.rule, names),
        passed_over=[
            SimpleNamespace(reason=one.reason, member=people.shown(one.member_id))
            for one in outcome.passed_over
        ],
    )
