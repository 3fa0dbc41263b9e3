"""Orders that a client may choose: one declaration is the enumeration, the input and the keys."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry

from service.schema.connections import OrderDirection
from service.schema.nodes import described
from service.schema.planner.paging import Orders, SortKey


def order_input(
    name: str,
    words: Mapping[str, str],
    *,
    chosen: str,
    order: str,
    direction: OrderDirection = OrderDirection.ASC,
) -> Any:  # noqa: ANN401 - a type made here
    """Make the input type of an order, and the enumeration of what it may be by.

    Args:
        name: what is ordered, as the types' names begin.
        words: the enumeration's values with their descriptions.
        chosen: the enumeration's description.
        order: the input's description.
        direction: the one where none is given.
    """
    made: Any = Enum(f"{name}OrderField", {word: word for word in words})  # type: ignore[misc]  # its words are given
    described(made, chosen, **words)
    members = {
        "__annotations__": {"field": made, "direction": OrderDirection},
        "field": strawberry.field(description="By what."),
        "direction": strawberry.field(default=direction, description="Which way."),
    }
    return strawberry.input(type(f"{name}Order", (), members), description=order)


def orders_of(
    name: str,
    nouns: str,
    keys: Mapping[str, tuple[SortKey, str]],
    usual: str,
    *,
    descending: bool = True,
    direction: OrderDirection = OrderDirection.ASC,
) -> Orders:
    """Declare a list's orders among which a client may choose.

    Args:
        name: what is ordered, as the types' names begin.
        nouns: the same in words: `visits`.
        keys: the orders by the enumeration's words, each with its description.
        usual: the order where none is given.
        descending: its direction then.
        direction: the direction where an order is given without one.
    """
    given = order_input(
        name,
        {word: says for word, (_, says) in keys.items()},
        chosen=f"What {nouns} may be ordered by.",
        order=f"An order of {nouns}.",
        direction=direction,
    )
    return Orders({word: key for word, (key, _) in keys.items()}, usual, descending, given)
