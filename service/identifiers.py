"""Identifiers in the form the database's driver reads and writes them in.

It is a subclass in C of the standard library's: made, compared and written much faster,
and a command handles some hundred of them.
"""

from uuid import UUID

from asyncpg.pgproto import pgproto

DriverUUID: type[UUID] = pgproto.UUID


def identifier(text: str) -> UUID:
    """Read an identifier of well-formed text.

    Raises:
        ValueError: it is not well formed.
    """
    return DriverUUID(text)


def identifier_of(octets: bytes) -> UUID:
    """Make an identifier of its sixteen octets."""
    return DriverUUID(octets)  # type: ignore[arg-type]  # the driver's own takes octets too


def as_sent(value: object) -> object:
    """Return a value as a statement's parameter: an id in the form that needs no translation."""
    return identifier_of(value.bytes) if type(value) is UUID else value
