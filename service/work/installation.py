"""What the operator has set up on a server, where a command must not lead out of it. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Installation:
    """What a server knows; set by whoever starts one that answers clients.

    Attributes:
        trusted_documents: there are documents it answers by their hash.
        issuers: the identity providers whose word it takes; None where nobody asks it to sign in.
    """

    trusted_documents: bool = True
    issuers: frozenset[str] | None = None

    def vouches(self, issuer: str) -> bool:
        """Tell whether somebody for whom this provider vouches could sign in."""
        return self.issuers is None or issuer in self.issuers
