"""Where a follower of a tenant's events stands, and the cursor that tells it to a client.

Events are ordered by the transaction that wrote them and then as it wrote them. Below the oldest
transaction that still runs this order is final: nothing can come before what was read
(database page 2.8).
"""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

REPLAYED: Final = timedelta(hours=24)
_VERSION: Final = 1
_LAST_POSITION: Final = 2**63 - 1
_FORM: Final = struct.Struct(">B8s8sQQQ")


class Place(NamedTuple):
    """A place in a tenant's events: everything up to it has been seen."""

    transaction: int
    position: int


def before(transaction: int) -> Place:
    """Return the place of who has seen all of every earlier transaction."""
    return Place(transaction - 1, _LAST_POSITION)


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a client keeps of a place.

    Attributes:
        at: when the last event before it happened; says how old it is.
        epoch: which data the place belongs to; another after a restore, in another tenant.
        rights: what its reader might see; another after his rights changed.
    """

    place: Place
    at: datetime
    epoch: bytes
    rights: bytes

    def written(self) -> str:
        """Return the opaque text."""
        milliseconds = round(self.at.timestamp() * 1000)
        raw = _FORM.pack(_VERSION, self.epoch, self.rights, *self.place, milliseconds)
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """Return the cursor of a text, or None when it is none."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            version, epoch, rights, transaction, position, milliseconds = _FORM.unpack(raw)
            at = datetime.fromtimestamp(milliseconds / 1000, UTC)
        except (binascii.Error, ValueError, OverflowError, OSError, struct.error):
            return None
        # PostgreSQL numbers both within 63 bits; no cursor of ours has more.
        if version != _VERSION or max(transaction, position) > _LAST_POSITION:
            return None
        return cls(Place(transaction, position), at, epoch, rights)


def epoch_of(tenant_id: UUID, database: str) -> bytes:
    """Return the mark of a tenant's data in one life of a database."""
    return marked(f"{database}/{tenant_id}")


def marked(text: str) -> bytes:
    """Return the short mark of a text."""
    return hashlib.sha256(text.encode()).digest()[:8]
