"""What the API is asked: the read page's questions, in the trade's own words."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

from service.clock import SystemClock, new_id
from service.database.connections import connected
from service.organisation.actors import Callers
from service.reception.commands import SignIn, sign_in
from service.reception.errors import AlreadySignedIn
from service.work import Caller, Transactions
from tests.benchmarks.dataset import Dataset, Staff
from tests.benchmarks.load import operation
from tests.benchmarks.recording import Said, Turn

LEAD = """
query Lead($id: ID!) {
  registration(id: $id) {
    id state enteredAt protectedUntil
    member { id name }
    party { id fullName territory { id name } }
    visit { id number arrivedAt mode }
    site { id code }
    followUps(first: 5) { nodes { id at channel content } }
  }
}
"""
LEADS = """
query Leads {
  registrations(first: 50) {
    nodes {
      id state enteredAt protectedUntil
      member { id name }
      party { id fullName territory { id name } }
      followUps(first: 1) { nodes { id at channel content member { id name } } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
TERRITORIES = """
query Territories($id: ID!) {
  territoryActivity(territoryId: $id, depth: 5, period: { month: { year: 2026, month: 1 } }) {
    territory { id code name }
    depth newCustomerCount registrationCount visitCount followUpCount dealCount
  }
}
"""
FLOOR = """
query Floor($id: ID!) {
  floorBoard(siteId: $id) {
    day visitCount waitingCount openVisitCount registrationCount dealCount newCustomerCount
    members { member { id name } dealCount }
    waiting { id number arrivedAt }
    queue { id places { position standing visitorCount turnCount member { id name } } }
  }
}
"""
Asking = tuple[Staff, Mapping[str, Any]]
ARRIVE = """
mutation Arrive($input: RecordArrivalInput!) {
  recordArrival(input: $input) {
    visit { id number mode receiver { id name } owner { id name } }
    replayed
    errors { code message }
  }
}
"""
_FAR = 1_000_000
"""Numbers of copied visits begin here: no day has as many."""


@dataclass(frozen=True, slots=True)
class Question:
    """A document, and who asks it of what.

    Attributes:
        asking: in turn: who asks, and with which variables.
        told: the same for what is recorded; a command's copies keep away from the places where the
            API carries it out, since they say the numbers of the recording again.
        naive: the naive resolvers know the document too.
        pgbench: it is compared to `pgbench`.
        slices: how many times as long each is loaded with it: of what takes ten milliseconds half
            a second has too few answers for a ratio.
        writes: each request is a new command.
        between: puts right, before each round, what the rounds before it have heaped up.
    """

    name: str
    text: str
    asking: Sequence[Asking]
    told: Sequence[Asking] = ()
    naive: bool = False
    pgbench: bool = False
    slices: int = 1
    writes: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    between: Callable[[], Awaitable[None]] | None = None

    @property
    def path(self) -> str:
        """Return the path of the bare route that answers it."""
        return f"/{self.name.replace(' ', '-')}"

    def variables(self, which: int) -> Mapping[str, Any]:
        """Return the variables of a turn; a command's are new each time."""
        return self._given(self.asking[which % len(self.asking)])

    def request(self, which: int) -> tuple[bytes, Staff]:
        """Return a turn's body, and who sends it."""
        return self._body(self.asking[which % len(self.asking)])

    def to_record(self) -> Sequence[Callable[[], tuple[bytes, Staff]]]:
        """Return what makes each request that is recorded."""
        return [partial(self._body, one) for one in self.told or self.asking]

    def _given(self, asking: Asking) -> Mapping[str, Any]:
        return asking[1] if self.writes is None else self.writes(asking[1])

    def _body(self, asking: Asking) -> tuple[bytes, Staff]:
        return operation(self.text, dict(self._given(asking))), asking[0]

    def document(self, number: int) -> str:
        """Return the document under another operation name and another alias."""
        renamed = re.sub(r"query (\w+)", rf"query \g<1>{number}", self.text, count=1)
        return re.sub(r"\bid\b(?= [a-z])", f"id row{number}: id", renamed, count=1)

    def answered(self, body: bytes) -> bool:
        """Tell whether an answer is one; a command must have been carried out."""
        if b'"errors":[{' in body:
            return False
        return self.writes is None or b'"replayed":false' in body

    def copies(self, turn: Turn, wanted: int) -> list[Turn]:
        """Return the statements to be repeated: a command's as often as wanted, with fresh keys."""
        if self.writes is None:
            # What a read writes down it writes in its own statement, whoever repeats that.
            return [turn]
        first = _FAR + int(SystemClock().now().timestamp()) % 2_000_000 * 1_000
        return [_fresh(turn, first + number) for number in range(wanted)]


async def questions(data: Dataset) -> list[Question]:
    """Return the questions, on a floor that is open today."""
    reps = [await data.staff(f"trade-{number}", f"R{number:02}") for number in range(1, 9)]
    managers = [await data.staff(f"trade-{number}", "C1") for number in range(9, 17)]
    floor = [await _open(data, f"trade-{40 + number}", number) for number in range(1, 5)]
    desks = [await _open(data, f"trade-{44 + number}", number) for number in range(1, 7)]
    rooms = [(desk, {"siteId": site}) for desk, site in desks]
    # Neither keys nor telephones of a run are those of another, begun soon after it.
    numbers = count(int(data.base.clock.now().timestamp()) % 100_000 * 1_000)
    run = new_id().hex[-12:]

    def arrival(given: Mapping[str, Any]) -> Mapping[str, Any]:
        number = next(numbers)
        return {
            "input": {
                **given,
                "idempotencyKey": f"arrival-{run}-{number:012}",
                "customer": {"phone": f"+86138{number % 10**8:08}"},
                "saidBefore": False,
            }
        }

    async def leave() -> None:
        # Nobody's floor holds the thousands that arrive within a minute here: they go home.
        async with connected(data.location, "postgres") as connection:
            await connection.execute(
                "UPDATE app.visit SET left_at = arrived_at"
                " WHERE left_at IS NULL AND tenant_id = ANY($1::uuid[])",
                [desk.tenant_id for desk, _ in desks],
            )
            # The cleaner is off; without it each would look past all who left before.
            await connection.execute("VACUUM app.visit")

    whole = [(one, {"id": await _root(data, one)}) for one in managers]
    leads = [(rep, {"id": await _lead(data, rep)}) for rep in reps]
    return [
        Question("point read", LEAD, leads, naive=True),
        Question("50 leads", LEADS, [(rep, {}) for rep in reps], naive=True, pgbench=True),
        Question("61 territories", TERRITORIES, whole, naive=True, pgbench=True, slices=3),
        Question("floor board", FLOOR, [(desk, {"id": site}) for desk, site in floor]),
        Question("arrival", ARRIVE, rooms[:3], told=rooms[3:], writes=arrival, between=leave),
    ]


async def _lead(data: Dataset, rep: Staff) -> str:
    row = await data.row(
        "SELECT id FROM app.registration WHERE tenant_id = $1 AND member_id = $2"
        " ORDER BY entered_at DESC OFFSET 20 LIMIT 1",
        rep.tenant_id,
        rep.member_id,
    )
    return f"registration_{row['id']}"


async def _root(data: Dataset, staff: Staff) -> str:
    row = await data.row(
        "SELECT id FROM app.territory WHERE tenant_id = $1 AND parent_id IS NULL", staff.tenant_id
    )
    return f"territory_{row['id']}"


async def _open(data: Dataset, tenant: str, number: int) -> tuple[Staff, str]:
    """Sign a site's people in for today; returns its desk and its id."""
    desk = await data.staff(tenant, f"D{number:02}")
    people = [await data.staff(tenant, f"{word}{number:02}") for word in "RS"]
    site = await data.row(
        "SELECT id FROM app.site WHERE tenant_id = $1 AND code = $2",
        desk.tenant_id,
        f"site-{number}",
    )
    transactions = Transactions(data.base.application_pool, SystemClock(), Callers())

    async def nothing(*_: object) -> None:
        return None

    members = tuple(one.member_id for one in people)
    order = SignIn(site_id=site["id"], member_ids=members)
    caller = Caller(desk.tenant_id, desk.member_id, "benchmark")
    with suppress(AlreadySignedIn):  # in an earlier run of the same day
        await transactions.carry_out(caller, f"open-{new_id()}", order, sign_in, nothing)
    return desk, f"site_{site['id']}"


def _fresh(turn: Turn, number: int) -> Turn:
    """Repeat a command's statements with ids, key, phone and number of their own."""
    made = _Made(number)
    said = [Said(one.text, tuple(made.again(value) for value in one.values)) for one in turn.said]
    return Turn(turn.tenant_id, said)


class _Made:
    """What a command makes up, made up again: equal things stay equal within one copy."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._ids: dict[str, UUID] = {}
        self._born = SystemClock().now().timestamp() - 600

    def again(self, value: Any) -> Any:
        match value:
            case UUID():
                return self._id(str(value)) or value
            case dict():
                return {key: self._named(key, one) for key, one in value.items()}
            case list() | tuple():
                return [self.again(one) for one in value]
            case str():
                return self._text(value)
            case _:
                return value

    def _named(self, key: str, value: Any) -> Any:
        if key in {"number", "last_sequence"} and isinstance(value, int):
            return self._number
        return self.again(value)

    def _text(self, value: str) -> str:
        if value.startswith("arrival-"):
            return f"copied-{self._number:012}-{new_id().hex[:8]}"
        if value.startswith("+86138"):
            return f"+86137{self._number % 10**8:08}"
        found = self._id(value)
        return str(found) if found else value

    def _id(self, text: str) -> UUID | None:
        try:
            read = UUID(text)
        except ValueError:
            return None
        at = (read.int >> 80) / 1000
        if read.version != 7 or at < self._born:
            return None
        return self._ids.setdefault(text, new_id(datetime.fromtimestamp(at)))  # noqa: DTZ006
