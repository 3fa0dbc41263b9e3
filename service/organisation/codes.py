"""The form of codes that an administrator chooses."""

import re
from collections.abc import Iterator

from service.errors import InvalidInput, Refusal

_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


def code_faults(code: str) -> Iterator[Refusal]:
    """Yield what is wrong with the code of a unit, territory, role or duty.

    The access policy reads the same form behind the prefixes `r:` and `d:`; a code that begins
    with one would be two codes, so the colon is not of it.
    """
    if _CODE.fullmatch(code) is None:
        yield InvalidInput(field=("input", "code"), expected="RECORD_CODE")
