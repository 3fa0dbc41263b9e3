"""The form of a tenant's code: what it is called in addresses, sign-in and on the command line."""

import re

_CODE = re.compile("[a-z0-9][a-z0-9-]{1,62}", re.ASCII)


def is_tenant_code(text: str) -> bool:
    """Say whether a text may be a tenant's code; the table's CHECK says the same."""
    return _CODE.fullmatch(text) is not None
