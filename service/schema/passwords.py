"""Passwords in inputs: checked for their form and hashed before anything else sees them.

No order, answer, audit line or log holds a password.
"""

from typing import Final

from service.errors import FieldPath
from service.identity.passwords import Passwords, check_form

_PASSWORDS: Final = Passwords()

PASSWORD: Final = "12 to 200 characters."  # noqa: S105 - a description


async def hashed(password: str | None, field: FieldPath) -> str | None:
    """Return the hash of a password, None of none.

    Raises:
        InvalidInput: it is too short or too long.
        Busy: too many are being hashed.
    """
    if password is None:
        return None
    check_form(password, field)
    return await _PASSWORDS.hashed(password)
