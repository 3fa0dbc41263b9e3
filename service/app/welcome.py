"""What a person sees who has just started everything on his machine."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from service.app.rows import show_rows

if TYPE_CHECKING:
    from service.simulation.demo.founding import Login

_FIRST_QUERY = "{ viewer { member { name } duties { wording } } }"


def welcome(console: Console, address: str, logins: "Sequence[Login]") -> None:
    """Show the demo's logins, if there are any, and what to do first."""
    # One of each role is enough to begin with.
    firsts = {(login.tenant, login.role): login for login in reversed(logins)}
    if logins:
        console.print("Demo logins", highlight=False)
        heads = ("company", "role", "name", "sign in as", "password")
        each = reversed(firsts.values())
        show_rows(
            console,
            heads,
            [(one.tenant, one.role, one.person, one.name, one.password) for one in each],
        )
    console.print(
        f"Open {address}/graphql in a browser, sign in and paste:\n\n    {_FIRST_QUERY}\n\n"
        "Ctrl-C stops everything; the records stay.",
        highlight=False,
        markup=False,
    )
