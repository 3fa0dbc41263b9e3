"""What an operator wants to know of clients' documents before he lets them in."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from graphql import GraphQLSchema

from service.app.base import StartRefused
from service.errors import LOCALES, sentence
from service.schema.costs import MOST_POINTS
from service.schema.definition import build_schema
from service.schema.documents import Document, Documents, Faults
from service.schema.faults import document_fault
from service.schema.planner.paging import MOST_ROWS
from service.schema.planner.planner import Planner
from service.schema.planner.unplannable import Unplannable
from service.schema.refusals import DocumentLimit
from service.schema.trusted import ManifestBroken, read_manifests

_HEADS = ("client and release", "operation", "cost", "planned", "document")

Show = Callable[[Sequence[str], Sequence[Sequence[str]]], None]


class _Widest(dict[str, object]):
    """Variables that ask for the largest pages, and leave nothing out."""

    def get(self, name: object, usual: object = None) -> object:
        """Return the most there is."""
        del name
        return usual if isinstance(usual, bool) else MOST_ROWS


def check_documents(folder: Path, show: Show) -> None:
    """Show every document of a folder of manifests: who brings it, and what it costs.

    Args:
        folder: `CLIENT/RELEASE.json` as the clients' builds write them.
        show: is given the heads and the rows of a table.

    Raises:
        StartRefused: the folder is none, or a document cannot be answered; all of those are named.
    """
    try:
        registered = read_manifests(folder)
    except ManifestBroken as broken:
        raise StartRefused(str(broken)) from broken
    schema = build_schema()._schema  # noqa: SLF001 - it has no public name
    documents, planner = Documents(schema, registered), Planner(schema)
    rows: list[tuple[str, ...]] = []
    wrong: list[str] = []
    for name, found in sorted(documents.trusted.items()):
        releases = ", ".join(map(str, registered[name].releases))
        if isinstance(found, Document):
            for one in found.operations:
                least, most = one.price.of({}), one.price.of(_Widest())
                planned = _planned(planner.beforehand((one.syntax, one.position)))
                rows.append((releases, one.name or "", _cost(least, most), planned, name))
                if least > MOST_POINTS:
                    wrong.append(f"{name} of {releases}: {one.name or 'it'} costs too much.")
        else:
            wrong += [f"{name} of {releases}: {told}" for told in _told(found, schema)]
    show(_HEADS, rows)
    if wrong:
        raise StartRefused("\n".join(wrong))


def _planned(reason: Unplannable | None) -> str:
    """Say whether one statement answers an operation; commands are never planned whole."""
    if reason is None:
        return "yes"
    return "command" if reason.reason == "OPERATION" else f"no: {reason}"


def _told(wrong: Faults | DocumentLimit, schema: GraphQLSchema) -> Iterator[str]:
    if isinstance(wrong, DocumentLimit):
        yield sentence(wrong, LOCALES[0])
        return
    for error in wrong.errors:
        yield sentence(document_fault(error, schema), LOCALES[0])


def _cost(least: int, most: int) -> str:
    return str(least) if least == most else f"{least} to {most}"
