"""One declaration for a list: its arguments, its orders, its filter are the same everywhere."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, Final

import strawberry

from service.schema.connections import Orders, Window, page
from service.schema.context import Info
from service.schema.planner.mapping import PLANNED, Declared, Listing, mapping_of
from service.schema.searching import ARGUMENT, Found, Search

_FIRST: Final = "How many from the start, 1 to 200; 25 when neither `first` nor `last` is given."
_PAGING: Final[dict[str, object]] = {
    "first": Annotated[int | None, strawberry.argument(description=_FIRST)],
    "after": Annotated[
        str | None, strawberry.argument(description="Only what follows this cursor.")
    ],
    "last": Annotated[
        int | None, strawberry.argument(description="How many from the end, 1 to 200.")
    ],
    "before": Annotated[
        str | None, strawberry.argument(description="Only what precedes this cursor.")
    ],
}
_WHICH: Final = "Which rows; an empty filter matches all in sight."
_ORDER: Final = "In which order; equal rows are ordered by id."


def listing(
    of: type,
    orders: Orders,
    description: str,
    *,
    filter: type | None = None,
    parent: str | None = None,
    usual: object = strawberry.UNSET,
    search: Search | None = None,
) -> Declared:
    """Declare a connection field.

    Args:
        of: the type listed.
        orders: the list's closed orders, each with an index.
        description: the field's.
        filter: the filter input, if the list has one.
        usual: the filter that counts where none is given.
        search: how rows are found by free text, if they are.
        parent: the column by which the rows name the record the field stands on, or the condition
            under which they belong to it, with its id as `{parent}`.
    """
    arguments: dict[str, object] = dict(_PAGING)
    if orders.given is not None:
        wanted: Any = orders.given
        order_type = Annotated[wanted | None, strawberry.argument(description=_ORDER)]
        arguments = {"order_by": order_type, **arguments}
    if filter is not None:
        which: Any = filter
        filter_type = Annotated[which | None, strawberry.argument(description=_WHICH)]
        arguments = {"filter": filter_type, **arguments}

    if search is not None:
        found = Annotated[str | None, strawberry.argument(description=ARGUMENT)]
        arguments = {"search": found, **arguments}

    unset = strawberry.UNSET

    narrowed = _narrowing(usual, search)

    async def resolve(root: Any, info: Info, **given: Any) -> Any:  # noqa: ANN401 - see the signature
        window = Window(*(given.get(name) for name in _PAGING))
        which = narrowed(given.get("filter", unset), given.get("search"))
        return await page(
            info,
            of,
            orders,
            window,
            filter=which,
            order_by=given.get("order_by"),
            parent=None if parent is None else (parent, root.__dict__["row_key"]),
        )

    resolve.__signature__ = _signature(arguments)  # type: ignore[attr-defined]  # functions take attributes
    mapped = Listing(mapping_of(of).name, orders, filter, parent, narrowed)
    return strawberry.field(resolver=resolve, description=description, metadata={PLANNED: mapped})


def _narrowing(usual: object, search: Search | None) -> Callable[[object, object], object]:
    def narrowed(filter: object, text: object) -> object:
        which = usual if filter is strawberry.UNSET else filter
        if search is None or not isinstance(text, str):
            return which
        return Found(search, text, None if which is strawberry.UNSET else which)

    return narrowed


def _signature(arguments: dict[str, object]) -> inspect.Signature:
    first = [
        inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Any),
        inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info),
    ]
    named = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=strawberry.UNSET, annotation=annotation
        )
        for name, annotation in arguments.items()
    ]
    return inspect.Signature([*first, *named], return_annotation=Any)
