"""What a person sees who has just started everything on his machine."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from service.simulation.demo.founding import Login

_FIRST_QUERY = "{ viewer { member { name } duties { wording } } }"


def welcome(console: Console, address: str, logins: "Sequence[Login]") -> None:
    """Show the demo's logins, if there are any, and what to do first."""
    table = Table("company", "role", "name", "sign in as", "password", title="Demo logins")
    # One of each role is enough to begin with.
    firsts = {(login.tenant, login.role): login for login in reversed(logins)}
    for login in reversed(firsts.values()):
        table.add_row(login.tenant, login.role, login.person, login.name, login.password)
    if logins:
        console.print(table)
    console.print(
        f"Open {address}/graphql in a browser, sign in and paste:\n\n    {_FIRST_QUERY}\n\n"
        "Ctrl-C stops everything; the records stay.",
        highlight=False,
        markup=False,
    )
