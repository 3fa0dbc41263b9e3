"""A statement's text with its slots, and one caller's values in them."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    """A statement ready to run for every caller whose conditions read as these."""

    sql: str
    slots: tuple[Slot, ...]
    needs: tuple[Need, ...]
    tasks: Tasks | None

    def serves(self, access: Access) -> bool:
        """Tell whether a caller's conditions read as those the text was written with."""
        return all(
            need.met_by(access.condition(need.action, need.scope, plain=need.plain))
            for need in self.needs
        )


class Bound:
    """A text with one caller's own values in it."""

    def __init__(self, text: Text, access: Access) -> None:
        self.text = text
        self._values: list[object] = []
        self._open: list[tuple[int, int, int]] = []
        self._locales: list[int] = []
        granted = {
            (need.action, id(need.scope), need.plain): access.condition(
                need.action, need.scope, plain=need.plain
            ).parameters
            for need in text.needs
        }
        for position, slot in enumerate(text.slots):
            value: object = None
            match slot:
                case Granted(action, scope, plain, place):
                    value = granted[action, scope, plain][place]
                case Value(ask, place):
                    self._open.append((position, ask, place))
                case _ if slot == LOCALE:
                    self._locales.append(position)
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
        for position in self._locales:
            made[position] = locale
        for position, ask, place in self._open:
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
    return Text(sql, outline.slots, tuple(outline.needs.values()), tasks if any(tasks) else None)
