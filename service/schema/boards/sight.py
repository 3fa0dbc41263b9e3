"""Whom a caller sees on a board: of a past day, who belonged there where he sees people.

His rights are those of today and the places of people those of the day. Who was moved since stays
on the boards of those who saw him, and comes on none of days before he was there.
"""

from dataclasses import replace
from typing import Final

from service.organisation.former_places import belonged
from service.schema.boards.figures import Board
from service.schema.organisation.leave import Leave
from service.schema.organisation.types import Member
from service.schema.planner.mapping import Mapping, mapping_of


def _of_then(kind: type) -> Mapping:
    """Return how a type is read whose place is that of a member, as he belonged at an instant."""
    mapping = mapping_of(kind)
    scope = replace(mapping.scope, org_unit="stood.org_unit_id", territory="stood.territory_id")
    return replace(mapping, scope=scope)


_MEMBER: Final = _of_then(Member)
_LEAVE: Final = _of_then(Leave)


def _stood(member: str, at: str) -> str:
    """Write what is joined to a member's row: where he belonged at an instant."""
    unit, territory = belonged("org_unit_id", at), belonged("territory_id", at)
    row = f"(SELECT {member}.id, {member}.org_unit_id, {member}.territory_id) t"
    return (
        f" CROSS JOIN LATERAL (SELECT {unit} AS org_unit_id, {territory} AS territory_id"
        f" FROM {row}) stood"
    )


def people_in_sight(board: Board) -> str:
    """Write FROM and WHERE: the members `t` whom the caller sees on a board."""
    if not board.dated:
        return board.statement.rows_of(mapping_of(Member))
    return board.statement.rows_of(_MEMBER, _stood("t", board.at()))


def leave_in_sight(board: Board) -> str:
    """Write FROM and WHERE: the absences `t` of members whom the caller sees on a board."""
    if not board.dated:
        return board.statement.rows_of(mapping_of(Leave))
    return board.statement.rows_of(_LEAVE, _stood("m", board.at()))
