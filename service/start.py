"""The command `bailiwick`.

A server that runs for months carries nothing that only a command line needs: its libraries, which
draw tables and explain options, would be a twentieth of its memory.
"""

import sys
from types import ModuleType


def main() -> None:
    """Start the server where nothing else is asked for; else the command line."""
    if sys.argv[1:] == ["serve"]:
        sys.exit(_serve())
    from service import cli  # noqa: PLC0415 - see the module

    cli.main()


def _serve() -> int:
    load_without_extras()
    from service.app.running import MENDED_BY_OPERATOR, REFUSED  # noqa: PLC0415 - see the module
    from service.app.starting import serve_until_stopped  # noqa: PLC0415 - see the module

    try:
        return serve_until_stopped()
    except MENDED_BY_OPERATOR as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED


def load_without_extras() -> None:
    """Load libraries without what they bring along for others, a fiftieth of a server's memory.

    structlog paints tracebacks with rich and tells greenlets apart, where these are installed: the
    command line brings the first, migrations the second. uvicorn brings a command line of its own.
    """
    for absent in ("rich", "greenlet"):
        sys.modules[absent] = None  # type: ignore[assignment]  # how an absent module is declared
    import structlog  # noqa: F401, PLC0415 - loaded for those that come after

    for absent in ("rich", "greenlet"):
        del sys.modules[absent]
    command_line = ModuleType("uvicorn.main")
    vars(command_line).update(dict.fromkeys(("Server", "main", "run")))
    sys.modules["uvicorn.main"] = command_line


if __name__ == "__main__":
    main()
