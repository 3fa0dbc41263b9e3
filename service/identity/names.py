"""The one form in which a name for signing in is kept and looked for."""

import unicodedata

LONGEST_NAME = 200


def sign_in_name(written: str) -> str:
    """Return a name as it is kept: full-width letters, capitals and outer spaces make no other.

    Whoever stores a name stores this form, or its owner could never sign in with it.
    """
    return unicodedata.normalize("NFKC", written).strip().casefold()
