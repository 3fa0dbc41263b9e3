"""The little Markdown that the pages are made of."""

from collections.abc import Iterable, Sequence


def cell(text: str) -> str:
    """Write text so that it fits one cell of a table."""
    return " ".join(text.split()).replace("|", r"\|")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Write a table; nothing where there is no row."""
    written = [f"| {' | '.join(cell(one) for one in row)} |" for row in rows]
    if not written:
        return []
    return [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *written, ""]


def page(title: str, about: str, sections: Iterable[Sequence[str]]) -> str:
    """Write a page: its title, what it is, and its sections."""
    lines = [f"# {title}", "", *about.splitlines(), ""]
    for section in sections:
        lines += section
    return "\n".join(lines).rstrip() + "\n"
