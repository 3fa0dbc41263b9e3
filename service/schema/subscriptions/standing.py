"""Under which cursor and rights somebody follows: decided when he begins, and held ever after."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg

from service.delivery.errors import ResyncRequired
from service.delivery.following import Follower
from service.delivery.hub import Hub
from service.delivery.places import REPLAYED, Cursor, Place, before, epoch_of
from service.delivery.reading import DATABASE, HORIZON
from service.delivery.topics import Change, Interest
from service.errors import InvalidCursor
from service.identity.tokens import Claims
from service.schema.context import RequestContext
from service.schema.subscriptions.rights import rights_of
from service.work import Sight, Transactions

_HERE: Final = f"SELECT ({HORIZON}) AS horizon, ({DATABASE}) AS database"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the cursors of one follower have in common."""

    epoch: bytes
    rights: bytes

    def cursor(self, change: Change) -> str:
        """Write the cursor that stands behind a change."""
        return Cursor(change.place, change.at, self.epoch, self.rights).written()


async def _here(sight: Sight) -> tuple[Place, Standing]:
    row = await sight.fetch_only(_HERE)
    standing = Standing(epoch_of(sight.tenant_id, row["database"]), rights_of(sight.loaded))
    return before(row["horizon"]), standing


async def cursor_now(sight: Sight) -> str:
    """Write the cursor behind everything that has happened."""
    place, standing = await _here(sight)
    return Cursor(place, sight.now, standing.epoch, standing.rights).written()


async def begun(sight: Sight, after: str | None) -> tuple[Place, Standing]:
    """Return where a caller begins to follow.

    Args:
        sight: the caller's.
        after: his cursor, if he has one; without it he begins with what happens from now on.

    Raises:
        InvalidCursor: it is no cursor of events.
        ResyncRequired: what happened since cannot be told.
    """
    here, standing = await _here(sight)
    if after is None:
        return here, standing
    cursor = Cursor.read(after)
    if cursor is None:
        raise InvalidCursor(field=("after",))
    known = cursor.epoch == standing.epoch and cursor.rights == standing.rights
    # A place that nobody can have seen yet was given out before the database was set back.
    if not known or cursor.at < sight.now - REPLAYED or cursor.place > here:
        raise ResyncRequired(field=("after",))
    return cursor.place, standing


class StreamContext(RequestContext):
    """The context of an operation that a stream carries.

    Attributes:
        follower: whom the operation's subscription made; None for queries and commands.
        standing: under what he follows.
    """

    def __init__(
        self,
        hub: Hub,
        transactions: Transactions,
        claims: Claims,
        request_id: str,
        *,
        wanted_locale: str | None,
        asked: frozenset[str],
        identity_pool: "asyncpg.Pool[Any] | None" = None,
    ) -> None:
        super().__init__(
            transactions,
            claims,
            request_id,
            wanted_locale=wanted_locale,
            asked=asked,
            identity_pool=identity_pool,
        )
        self._hub = hub
        self.follower: Follower | None = None
        self.standing: Standing | None = None

    async def follow(self, interest: Interest, after: str | None) -> Follower:
        """Begin to follow.

        Raises:
            Refusal: as `begun`.
        """
        reader = await self.reader()
        place, self.standing = await reader.within(lambda sight: begun(sight, after))
        self.follower = self._hub.follow(reader.sight.tenant_id, interest, place)
        return self.follower

    def leave(self, tenant_id: UUID) -> None:
        """Follow no more."""
        if self.follower is not None:
            self._hub.leave(tenant_id, self.follower)
            self.follower = None
