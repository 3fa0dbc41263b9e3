"""Lists that come in pieces: how many rows an answer holds, and where the next one goes on."""

from collections.abc import Mapping as MappingType
from typing import Annotated, Any, Final

import strawberry

from service.schema.boards.figures import Board
from service.schema.boards.sight import people_in_sight
from service.schema.scalars import NO_ROW, found_id

MOST_PEOPLE: Final = 500
ENDS: Final = (
    "Whether the answer ends with this one though more follow: go on from there by `afterId`."
)
PERSON: Final = "The person as he is now; null where he is out of sight today (see `memberName`)."
PERSON_NAME: Final = (
    "His name. Of a past day everybody is told of whom the caller would have seen then."
)
PERSON_CURSOR: Final = "The row's place in the list: the person's id."
AfterMember = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="The person after whom to go on: the `cursor` of the last row of an answer that"
        " was cut."
    ),
]
AfterRow = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="The `cursor` of the last row of an answer that was cut."),
]
_BY_NAME: Final = "s.name, s.id"


def cut(order: str, most: int) -> str:
    """Write the column `cut`: the answer ends with this row though more follow.

    Args:
        order: SQL of the list's order.
        most: how many rows an answer has at the most.
    """
    window = f"OVER (ORDER BY {order})"
    return f"row_number() {window} = {most} AND lead(TRUE) {window} IS NOT NULL AS cut"


def person_columns() -> str:
    """Write what a row of a list of people `s` says of whom it is, and `cut`.

    A row that has found somebody in sight names him itself: his record is read as he is now.
    """
    told = "s.id AS member, s.name AS member_name, 'member_' || s.id AS cursor"
    return f"{told}, {cut(_BY_NAME, MOST_PEOPLE)}"


def people_after(board: Board, given: MappingType[str, Any]) -> str:
    """Write the end of a list of people `s`: from where it goes on, its order and its length.

    Where somebody stands is asked of everybody in sight: who is no longer among those of the list
    was there when it was cut.

    Args:
        board: the board.
        given: the argument `after_id`.
    """
    further = ""
    if given.get("after_id"):
        one = board.statement.place(found_id(str(given["after_id"]), "member") or NO_ROW, "uuid")
        rows = people_in_sight(board)
        further = f" AND ({_BY_NAME}) > (SELECT t.name, t.id {rows} AND t.id = {one})"
    return f"{further} ORDER BY {_BY_NAME} LIMIT {MOST_PEOPLE}"
