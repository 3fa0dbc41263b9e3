"""A statement's text with its slots, and one caller's values in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from service.identifiers import as_sent
from service.schema.planner.access import Access
from service.schema.planner.finishing import Tasks
from service.schema.planner.plan import Asked
from service.schema.planner.sql import (
    LOCALE,
    MEMBER,
    NOW,
    TENANT,
    Granted,
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
        open: the places of its values that are another with each request, with their ask.
        locales: the places where the answer's language stands.
    """

    sql: str
    slots: tuple[Slot, ...]
    needs: tuple[Need, ...]
    tasks: Tasks | None
    open: tuple[tuple[int, int, int], ...]
    locales: tuple[int, ...]

    def serves(self, access: Access) -> bool:
        """Tell whether a caller's conditions read as those the text was written with."""
        return all(
            need.met_by(access.condition(need.action, need.scope, plain=need.plain))
            for need in self.needs
        )


@lru_cache(4_096)
def _like(slot: Slot) -> Slot:
    """Return the same slot as another text has it."""
    return slot


class Bound:
    """A text with one caller's own values in it; thousands of them are kept."""

    __slots__ = ("_values", "text")

    def __init__(self, text: Text, access: Access) -> None:
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
                case _ if slot == TENANT:
                    value = access.actor.tenant_id
                case _ if slot == MEMBER:
                    value = access.actor.member_id
            self._values.append(as_sent(value))
        if text.slots[2] != NOW:
            raise Unplannable("OPERATION")

    def values(self, viewpoint: Viewpoint, locale: str, asks: Sequence[Asked]) -> list[object]:
        """Return the values of one request."""
        made = self._values.copy()
        made[2] = viewpoint.now
        for position in self.text.locales:
            made[position] = locale
        for position, ask, place in self.text.open:
            made[position] = asks[ask].values[place]
        return made


def text_of(writer: Writer, body: str, here: str) -> Text:
    """Make a statement of what a writer has written.

    Raises:
        Unwalled: a table of it is not bound to the tenant, or it has no witness.
    """
    sql = f"SELECT {here}, json_send(({body})) AS data"
    refuse_unwalled(sql)
    outline = writer.outline
    tasks = Tasks(writer.unfinished, writer.watched)
    slots = tuple(enumerate(outline.slots))
    return Text(
        sql,
        tuple([_like(slot) for _, slot in slots]),
        tuple(outline.needs.values()),
        tasks if any(tasks) else None,
        tuple([(at, slot.ask, slot.place) for at, slot in slots if isinstance(slot, Value)]),
        tuple([at for at, slot in slots if slot == LOCALE]),
    )
