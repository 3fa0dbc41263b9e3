"""Rows shown to an operator: never cut, however narrow the terminal is."""

from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text


def show_rows(console: Console, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Show rows whole: a table where it fits the terminal, else a plain line each, by tabs."""
    table = Table(*heads)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    width = console.measure(table).maximum
    if console.is_terminal and width <= console.width:
        console.print(table)
        return
    for row in (heads, *rows):
        typer.echo("\t".join(row))
