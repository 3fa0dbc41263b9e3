"""Passwords in inputs: checked for their form and hashed before anything else sees them.

No order, answer, audit line or log holds a password.
"""

from typing import Final

from service.errors import FieldPath, InvalidInput
from service.identity.passwords import Passwords

_PASSWORDS: Final = Passwords()
_LENGTH: Final = range(12, 201)

PASSWORD: Final = "12 to 200 characters."  # noqa: S105 - a description


async def hashed(password: str | None, field: FieldPath) -> str | None:
    """Return the hash of a password, None of none.

    Raises:
        InvalidInput: it is too short or too long.
        Busy: too many are being hashed.
    """
    if password is None:
        return None
    if len(password) not in _LENGTH:
        raise InvalidInput(field=field, expected="CHARACTERS", least=12, most=200)
    return await _PASSWORDS.hashed(password)
