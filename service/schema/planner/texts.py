"""A statement's text with its slots, and one caller's values in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.identifiers import as_sent
from service.policies.access import RecordColumns
from service.schema.planner.access import Access
from service.schema.planner.cache import shared
from service.schema.planner.finishing import Tasks
from service.schema.planner.mapping import Mapping
from service.schema.planner.noting import Request, noted
from service.schema.planner.plan import Asked
from service.schema.planner.sql import (
    CONFIRMED,
    DETAILS,
    LOCALE,
    MEMBER,
    NOW,
    REQUEST,
    TENANT,
    Granted,
    Judged,
    Need,
    Slot,
    Value,
    Writer,
)
from service.schema.planner.statements import Viewpoint
from service.schema.planner.unplannable import Unplannable
from service.schema.planner.walls import refuse_unwalled


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A statement ready to run for every caller whose conditions read as these.

    Attributes:
        others: the audited records that were met, and whether the caller sees other people's: who
            sees his own alone and who stands in for a colleague alone have the same condition.
        open: the places of its values that are another with each request, with their ask.
        locales: the places where the answer's language stands.
        told: the places of what the audit says of the request, its id or what else is told.
    """

    sql: str
    slots: tuple[Slot, ...]
    needs: tuple[Need, ...]
    others: tuple[tuple[str, RecordColumns, bool], ...]
    tasks: Tasks | None
    open: tuple[tuple[int, int, int], ...]
    locales: tuple[int, ...]
    told: tuple[tuple[int, bool], ...]

    def serves(self, access: Access) -> bool:
        """Tell whether a caller's conditions read as those the text was written with."""
        return all(
            need.met_by(access.condition(need.action, need.scope, plain=need.plain))
            for need in self.needs
        ) and all(
            access.reaches_others(action, scope) is reaches
            for action, scope, reaches in self.others
        )


class Bound:
    """A text with one caller's own values in it; thousands of them are kept."""

    __slots__ = ("_values", "text")

    def __init__(self, text: Text, access: Access, here: str | None = None) -> None:
        """Put a caller's values in their places.

        Args:
            text: the statement.
            access: the caller's conditions.
            here: what the statement says of him as long as he is as they say.
        """
        self.text = text
        self._values: list[object] = []
        granted = {
            (need.action, id(need.scope), need.plain): access.condition(
                need.action, need.scope, plain=need.plain
            ).parameters
            for need in text.needs
        }
        for slot in text.slots:
            value: object = None
            match slot:
                case Granted(action, scope, plain, place):
                    value = granted[action, scope, plain][place]
                case Judged(action):
                    value = slot.of(access.policy.check(access.actor, action))
                case _ if slot == CONFIRMED:
                    value = here
                case _ if slot == TENANT:
                    value = access.actor.tenant_id
                case _ if slot == MEMBER:
                    value = access.actor.member_id
            self._values.append(as_sent(value))
        if text.slots[2] != NOW:
            raise Unplannable("OPERATION")

    def values(
        self,
        viewpoint: Viewpoint,
        locale: str,
        asks: Sequence[Asked],
        request: Request | None = None,
    ) -> list[object]:
        """Return the values of one request, which is named where it is written down."""
        made = self._values.copy()
        made[2] = viewpoint.now
        for position in self.text.locales:
            made[position] = locale
        for position, ask, place in self.text.open:
            made[position] = asks[ask].values[place]
        if request is not None:
            for position, by_id in self.text.told:
                made[position] = request.id if by_id else request.details
        return made


def query_of(writer: Writer, body: str, here: str, through: Sequence[Mapping]) -> Text:
    """Make a statement of what a writer has written, which writes down what of it is audited.

    Args:
        writer: it has written the body, a JSON value.
        body: the same.
        here: the column that confirms the caller.
        through: types of audited records that decide what is shown.

    Raises:
        Unwalled: as `text_of`.
    """
    apart = ", ".join([f"{name} AS MATERIALIZED ({rows})" for name, rows in writer.apart.items()])
    lines = noted(writer, [*through, *writer.through])
    if not lines:
        return text_of(writer, body, here)
    read = f"{apart}{apart and ', '}answer AS MATERIALIZED (SELECT {here}, ({body}) AS data)"
    refuse_unwalled(read)
    return _text(
        writer,
        f"WITH {read}, noted AS ({lines}) SELECT here, json_send(data) AS data FROM answer",
    )


def text_of(writer: Writer, body: str, here: str) -> Text:
    """Make a statement of what a writer has written, for whoever writes down himself what it reads.

    Raises:
        Unplannable: it counts audited records, which he does not see in the answer.
        Unwalled: a table of it is not bound to the tenant, or it has no witness.
    """
    if writer.through:
        raise Unplannable("AUDITED", writer.through[0].name)
    sql = f"SELECT {here}, json_send(({body})) AS data"
    refuse_unwalled(sql)
    return _text(writer, sql)


def _text(writer: Writer, sql: str) -> Text:
    tasks = Tasks(writer.unfinished, writer.watched)
    slots = tuple(enumerate(writer.outline.slots))
    return Text(
        sql,
        shared(tuple(writer.outline.slots)),
        tuple(writer.outline.needs.values()),
        tuple([(action, *found) for (action, _), found in writer.outline.others.items()]),
        tasks if any(tasks) else None,
        shared(tuple([(at, one.ask, one.place) for at, one in slots if isinstance(one, Value)])),
        shared(tuple([at for at, slot in slots if slot == LOCALE])),
        tuple([(at, slot == REQUEST) for at, slot in slots if slot in {REQUEST, DETAILS}]),
    )
