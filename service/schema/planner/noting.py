"""What a read writes down of itself: whose audited records it has read, in the same statement.

So an audited read is one round trip like every other, and nothing can be read without being written
down: both are one transaction, of one snapshot. Nothing is written for a caller who is not as he
was known: his answer is thrown away, and the statement that is run for him then writes its own.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from service.journal.entries import plain
from service.schema.planner.finishing import EACH, OWNER, Watched
from service.schema.planner.mapping import Mapping
from service.schema.planner.sql import CONFIRMED, DETAILS, REQUEST, Judged, Writer
from service.work import NOTED

_NO_DETAILS: Final[dict[str, str]] = {}


class Request(NamedTuple):
    """What a line of the audit says of the request."""

    id: str
    api_key_id: UUID | None

    @property
    def details(self) -> dict[str, str]:
        """What else is told: the key, where a program asked by one."""
        return _NO_DETAILS if self.api_key_id is None else {"api_key": plain(self.api_key_id)}


def noted(writer: Writer, through: Sequence[Mapping]) -> str:
    """Write what writes down what a statement has read; nothing where nothing is to be.

    Args:
        writer: it has written what is read: the rows of `answer`, with `here` and `data`.
        through: types of audited records that decide what is shown.
    """
    lines = [*_read(writer), *_looked_through(writer, through)]
    return f"{NOTED} {' UNION ALL '.join(lines)}" if lines else ""


def _read(writer: Writer) -> Iterator[str]:
    """Write the lines of those whose records were read, but for the caller's own."""
    for number, watched in enumerate(writer.watched):
        records = f"jsonb_path_query_array(answer.data::jsonb, '{_path(number, watched)}')"
        yield _line(
            writer,
            watched.mapping,
            subject="'member'::text, whose.id,"
            " jsonb_build_object('rows', jsonb_array_length(f.found))",
            source=f"(SELECT {records} AS found OFFSET 0) f, LATERAL (SELECT DISTINCT"
            " (one #>> '{}')::uuid AS id FROM jsonb_path_query(f.found, '$[*][*]') one) whose",
            condition=" AND whose.id <> $2",
        )
    for name, mapping in writer.counted:
        yield _line(
            writer,
            mapping,
            subject="'member'::text, whose.id, jsonb_build_object('rows', f.found)",
            source=f"(SELECT count(*) AS found FROM {name}) f, (SELECT DISTINCT unnest(t.owners)"
            f" AS id FROM {name} t) whose",
            condition=" AND whose.id <> $2",
        )


def _looked_through(writer: Writer, through: Sequence[Mapping]) -> Iterator[str]:
    """Write that audited records decided what was shown, each type once."""
    for mapping in {one.kind: one for one in through}.values():
        told = "jsonb_build_object('looked_through', true)"
        yield _line(writer, mapping, subject=f"NULL::text, NULL::uuid, {told}")


def _line(
    writer: Writer, mapping: Mapping, *, subject: str, source: str = "", condition: str = ""
) -> str:
    number = writer.outline.number
    acts_as, duty = (number(Judged(str(mapping.action), duty=one)) for one in (False, True))
    return (
        f"SELECT $1::uuid, $3::timestamptz, $2::uuid, {acts_as}::uuid, '{mapping.audited}'::text,"
        f" {duty}::text, {subject} || {number(DETAILS)}::jsonb, {number(REQUEST)}::text"
        f" FROM answer{', LATERAL ' if source else ''}{source}"
        f" WHERE answer.here = {number(CONFIRMED)}::text{condition}"
    )


def _path(number: int, watched: Watched) -> str:
    """Write where in the answer owners stand; names of an answer are letters, digits and `_`."""
    steps = ["[*]" if one == EACH else f'."{one}"' for one in watched.path]
    return f'${"".join(steps)}."{OWNER}{number}"'
