"""How much one caller and one tenant may ask, so that none starves the others.

A bucket of points for each principal and a larger one for each tenant, filled steadily; an
operation pays its price before it runs and gets back what it did not use. They live in this
process: of what a tenant has, each of several gets its part, for his callers come to all of them. A
principal has his own in each, for one connection stays where it is. A tenant's requests run only so
many at a time; more of them wait their turn.
"""

import asyncio
import math
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

from service.clock import monotonic_seconds
from service.identity.tokens import Claims
from service.schema.costs import MOST_POINTS
from service.schema.refusals import Overloaded, RateLimited

_K = TypeVar("_K")
_V = TypeVar("_V")

_WINDOW_SECONDS: Final = 60
_MOST_KEPT: Final = 20_000
_WAITING_FOR_EACH: Final = 20
_PATIENCE_SECONDS: Final = 5.0
_NOBODYS: Final = "platform"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is allowed.

    Attributes:
        request: points of one request at most.
        principal: points a member, key or operator may spend in a minute.
        tenant: points all of a tenant may spend in a minute.
        concurrent: requests of one tenant that run at the same time.
    """

    request: int = MOST_POINTS
    principal: int = 60_000
    tenant: int = 600_000
    concurrent: int = 64

    def shared_by(self, processes: int) -> "Allowance":
        """Return what one of several processes allows, so that the tenant's parts are the whole.

        A part is never less than what one principal may spend, nor than one request at a time.
        """
        part = max(-(-self.tenant // processes), min(self.tenant, self.principal))
        return replace(self, tenant=part, concurrent=-(-self.concurrent // processes))


class Bucket:
    """Points that come back steadily, up to a full bucket.

    Attributes:
        level: the points that were there when it was last brought up to date.
    """

    __slots__ = ("_at", "capacity", "level", "name", "rate")

    def __init__(self, name: bytes, capacity: int, now: float) -> None:
        self.name = name
        self.capacity = capacity
        self.rate = capacity / _WINDOW_SECONDS
        self.level = float(capacity)
        self._at = now

    def update(self, now: float) -> None:
        """Add what has come back since the last time."""
        level = self.level + (now - self._at) * self.rate
        self.level = min(self.capacity, level)
        self._at = now

    def put(self, points: int) -> None:
        """Give points back."""
        self.level = min(self.capacity, self.level + points)

    def seconds_until(self, points: float) -> int:
        """Return how long until so many points are there, in whole seconds."""
        return max(0, math.ceil((points - self.level) / self.rate))


class _Tenant:
    """A tenant's bucket, and its requests that run and wait."""

    __slots__ = ("bucket", "running", "waiting")

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self.running = 0
        self.waiting: deque[asyncio.Future[None]] = deque()


class _Kept(Generic[_K, _V]):
    """Only so many, those used last; who is forgotten begins with a full bucket."""

    def __init__(self, made: Callable[[float], _V]) -> None:
        self._made = made
        self._kept: OrderedDict[_K, _V] = OrderedDict()

    def of(self, key: _K, now: float) -> _V:
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._made(now)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found


class Rates:
    """The buckets of this process."""

    def __init__(
        self, allowance: Allowance | None = None, now: Callable[[], float] = monotonic_seconds
    ) -> None:
        self.allowance = given = allowance or Allowance()
        self._now = now
        self._principals: _Kept[object, Bucket] = _Kept(
            lambda at: Bucket(b"principal", given.principal, at)
        )
        self._tenants: _Kept[object, _Tenant] = _Kept(
            lambda at: _Tenant(Bucket(b"tenant", given.tenant, at))
        )
        self.policy = (
            f'"principal";q={given.principal};w={_WINDOW_SECONDS},'
            f' "tenant";q={given.tenant};w={_WINDOW_SECONDS}'
        ).encode()

    def budget_of(self, claims: Claims) -> "Budget":
        """Return what a caller may spend, as of now."""
        now = self._now()
        own = claims.api_key_id or claims.member_id or claims.user_id
        principal = self._principals.of((claims.tenant_id, own), now)
        tenant = self._tenants.of(claims.tenant_id or _NOBODYS, now)
        principal.update(now)
        tenant.bucket.update(now)
        return Budget(self.allowance, principal, tenant)


class Budget:
    """What one request's caller may spend, and his turn among his tenant's requests."""

    __slots__ = ("_allowance", "_principal", "_tenant")

    def __init__(self, allowance: Allowance, principal: Bucket, tenant: _Tenant) -> None:
        self._allowance = allowance
        self._principal = principal
        self._tenant = tenant

    @property
    def restored(self) -> int:
        """Points that come back to the caller in a second."""
        return int(self._principal.rate)

    def charge(self, points: int) -> None:
        """Pay for an operation.

        Raises:
            RateLimited: the points are not there; nothing is paid.
        """
        own, all_ = self._principal, self._tenant.bucket
        if own.level < points or all_.level < points:
            self.require(points)
        own.level -= points
        all_.level -= points

    def require(self, points: int) -> None:
        """Check that so many points are there.

        Raises:
            RateLimited: they are not.
        """
        own, all_ = self._principal, self._tenant.bucket
        if own.level < points or all_.level < points:
            seconds = max(own.seconds_until(points), all_.seconds_until(points), 1)
            raise RateLimited(seconds=seconds)

    def take(self, points: int) -> None:
        """Take points for what was done already, as far as they are there."""
        for bucket in (self._principal, self._tenant.bucket):
            bucket.level = max(0.0, bucket.level - points)

    def give_back(self, points: int) -> None:
        """Give back what was paid and not used."""
        if points:
            self._principal.put(points)
            self._tenant.bucket.put(points)

    @property
    def tight(self) -> Bucket:
        """The bucket with less in it."""
        own, all_ = self._principal, self._tenant.bucket
        return own if own.level <= all_.level else all_

    def remaining(self) -> int:
        """Return the points that the caller could spend now."""
        return int(self.tight.level)

    def header(self) -> bytes:
        """Write the tighter bucket as the field `RateLimit` says it."""
        return self.told()[1]

    def told(self) -> tuple[int, bytes]:
        """Return the points that the caller could spend now, and the field that says so."""
        tight = self.tight
        left = int(tight.level)
        full = tight.seconds_until(tight.capacity)
        return left, b'"%b";r=%d;t=%d' % (tight.name, left, full)

    def entered(self) -> bool:
        """Take a turn among the tenant's requests where there is one; `leave` gives it on."""
        tenant = self._tenant
        if tenant.running >= self._allowance.concurrent:
            return False
        tenant.running += 1
        return True

    async def enter(self) -> None:
        """Wait for a turn among the tenant's requests; `leave` gives it on.

        Raises:
            Overloaded: too many wait, or the turn did not come.
        """
        if self.entered():
            return
        tenant = self._tenant
        if len(tenant.waiting) >= self._allowance.concurrent * _WAITING_FOR_EACH:
            raise Overloaded
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        tenant.waiting.append(turn)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.leave()
            elif turn in tenant.waiting:
                tenant.waiting.remove(turn)
            if isinstance(error, TimeoutError):
                raise Overloaded from error
            raise

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold a turn among the tenant's requests.

        Raises:
            Overloaded: too many wait, or the turn did not come.
        """
        await self.enter()
        try:
            yield
        finally:
            self.leave()

    def leave(self) -> None:
        """Give the turn to who waits longest, if anybody does."""
        waiting = self._tenant.waiting
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._tenant.running -= 1
