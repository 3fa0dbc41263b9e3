"""The command `bailiwick`.

A server that runs for months carries nothing that only a command line needs: its libraries, which
draw tables and explain options, would be a twentieth of its memory. Who looks over a rulebook waits
for nothing that only a server needs: that would be most of the time.
"""

import gc
import sys
from importlib import import_module
from typing import Final, NoReturn

# As `service.app.running` has it, which is not loaded for it.
_REFUSED: Final = 2


def main() -> None:
    """Start the server where nothing else is asked for; else the command line."""
    if sys.argv[1:] == ["serve"]:
        sys.exit(_serve())
    # Little of what is loaded is given up again; to look for it so often is a seventh of a start.
    gc.set_threshold(10_000, 20, 20)
    if sys.argv[1:2] == ["policy"]:
        _look_over()
    from service import cli  # noqa: PLC0415 - see the module

    cli.main()


def _look_over() -> NoReturn:
    """Look over rulebooks in files: an editor asks often, and needs no server and no database."""
    from service.app.drafting import policies  # noqa: PLC0415 - see the module

    policies(sys.argv[2:], prog_name="bailiwick policy")
    sys.exit()


def load_server() -> str | None:
    """Load what serves, without what a server has no use of; before anything else is loaded.

    Returns:
        what an operator has to mend of the settings: all the rest, which takes seconds, is then
        not loaded.
    """
    from service.app.sharing import methods_shared  # noqa: PLC0415 - see the module
    from service.app.sparing import (  # noqa: PLC0415 - see the module
        load_sparingly,
        seldom_put_off,
    )
    from service.app.wordless import nothing_said  # noqa: PLC0415 - see the module

    # What was just made and is already given up is looked for, seven megabytes of it; all that has
    # been loaded is not looked through again, which would take a tenth of the start.
    gc.set_threshold(700, 10, 100_000)
    with nothing_said(), seldom_put_off(), methods_shared():
        load_sparingly()
        settings = import_module("service.settings")
        try:
            settings.Settings.from_environment()
        except settings.SettingsWrong as wrong:
            return str(wrong)
        import_module("service.app.empties").tables_without_empties()
        import_module("service.app.starting")
    return None


def _serve() -> int:
    wrong = load_server()
    if wrong is not None:
        sys.stderr.write(f"{wrong}\n")
        return _REFUSED
    from service.app import running, starting  # noqa: PLC0415 - see the module

    try:
        return starting.serve_until_stopped()
    except running.MENDED_BY_OPERATOR as error:
        sys.stderr.write(f"{error}\n")
        return running.code_of(error)


if __name__ == "__main__":
    main()
