"""Passwords in inputs: checked for their form and hashed before anything else sees them.

No order, answer, audit line or log holds a password. Orders hold its hash, and are kept as a
digest.
"""

from typing import Final

from service.errors import FieldPath
from service.identity.passwords import Passwords, check_form
from service.schema.context import Info

_PASSWORDS: Final = Passwords()

PASSWORD: Final = "12 to 200 characters."  # noqa: S105 - a description


async def hashed(info: Info, key: str, password: str | None, field: FieldPath) -> str | None:
    """Return the hash of a password that came under an idempotency key, None of none.

    It is the same each time the caller sends the same under the same key, so it may stand in the
    order, of which a digest is kept: whoever has that has no faster way to guess than who has the
    hash itself, and needs this server's secret besides.

    Raises:
        InvalidInput: it is too short or too long.
        Busy: too many are being hashed.
    """
    if password is None:
        return None
    check_form(password, field)
    claims = info.context.claims
    who = claims.tenant_id, claims.member_id or claims.user_id
    salt = info.context.transactions.installation.salt(*who, key)
    return await _PASSWORDS.hashed(password, salt)
