"""What changes of a tenant's settings are refused for."""

from dataclasses import dataclass
from typing import ClassVar

from service.errors import Refusal


@dataclass(eq=False, kw_only=True)
class NoTrustedDocuments(Refusal):
    """The server knows no trusted documents: restricted to them, nobody could ask anything."""

    code: ClassVar[str] = "NO_TRUSTED_DOCUMENTS"
