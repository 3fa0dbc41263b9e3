"""Ids as the driver keeps them: read, compared and sent in half the time of the library's own."""

from uuid import UUID

from asyncpg.pgproto.pgproto import UUID as DriversUUID  # noqa: N811 - both have one name


def uuid_of(text: str) -> UUID:
    """Read an id of well-formed text.

    Raises:
        ValueError: it is not well formed.
    """
    made: UUID = DriversUUID(text)
    return made


def as_sent(value: object) -> object:
    """Return a value as a statement's parameter: an id in the form that needs no translation."""
    return DriversUUID(value.bytes) if type(value) is UUID else value
