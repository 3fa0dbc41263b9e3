"""What an operator wants to know of clients' documents before he lets them in."""

from collections.abc import Callable, Sequence
from pathlib import Path

from service.app.base import StartRefused
from service.errors import LOCALES, Refusal, sentence
from service.schema.costs import MOST_POINTS
from service.schema.definition import build_schema
from service.schema.documents import Document, Documents, Faults
from service.schema.faults import document_fault
from service.schema.planner.paging import MOST_ROWS
from service.schema.trusted import ManifestBroken, read_manifests

_HEADS = ("client and release", "operation", "cost", "document")

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
    documents = Documents(schema, registered)
    rows: list[tuple[str, ...]] = []
    wrong: list[str] = []
    for name, found in sorted(documents.trusted.items()):
        releases = ", ".join(map(str, registered[name].releases))
        if isinstance(found, Document):
            rows += [
                (releases, one.name or "", _cost(one.price.of({}), one.price.of(_Widest())), name)
                for one in found.operations
            ]
            wrong += [
                f"{name} of {releases}: {one.name or 'an operation'} may cost too much."
                for one in found.operations
                if one.price.of({}) > MOST_POINTS
            ]
        else:
            refusals: list[Refusal] = (
                [document_fault(error, schema) for error in found.errors]
                if isinstance(found, Faults)
                else [found]
            )
            wrong += [f"{name} of {releases}: {sentence(one, LOCALES[0])}" for one in refusals]
    show(_HEADS, rows)
    if wrong:
        raise StartRefused("\n".join(wrong))


def _cost(least: int, most: int) -> str:
    return str(least) if least == most else f"{least} to {most}"
