"""What the operator has set up on a server, where a command must not lead out of it. Pure."""

import hmac
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Installation:
    """What a server knows; set by whoever starts one that answers clients.

    Attributes:
        trusted_documents: there are documents it answers by their hash.
        issuers: the identity providers whose word it takes; None where nobody asks it to sign in.
        secret: what nobody else knows, the same in all its processes and after a restart.
    """

    trusted_documents: bool = True
    issuers: frozenset[str] | None = None
    secret: bytes = field(default=b"", repr=False)

    def vouches(self, issuer: str) -> bool:
        """Tell whether somebody for whom this provider vouches could sign in."""
        return self.issuers is None or issuer in self.issuers

    def salt(self, *asked: object) -> bytes:
        """Return the salt of a password that comes with a command, the same whenever it comes.

        So what is stored of it is the same each time, and tells the command's repetition from
        another under the same key. Without the secret nobody can prepare for a salt.

        Args:
            asked: who commands, and his idempotency key.
        """
        told = "\0".join(map(str, asked)).encode("utf-8", "surrogatepass")
        return hmac.digest(self.secret, b"salt of a password\0" + told, "sha256")[:16]
