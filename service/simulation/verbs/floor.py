"""Verbs of a rep's day and of the telephone desk."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from service.calendar import day_of
from service.errors import Refusal
from service.organisation.commands.members import LeaveMember, leave_member
from service.reception.commands import (
    ComeBack,
    GoAway,
    RecordCall,
    SignIn,
    SignOut,
    TakeDayOff,
    come_back,
    go_away,
    record_call,
    sign_in,
    sign_out,
    take_day_off,
)
from service.simulation.showroom import DESK, REPS, Showroom, phones_of
from service.simulation.stories import ZONE, Step, StoriesUnreadable
from service.simulation.verbs.verb import Answers, Verb, blank, silent, word
from service.work import Command, nothing_more

_OK = "OK"
_NO_NUMBER = "+8613800000000"
_AWAY_REASONS = {"business": "BUSINESS", "personal": "PRIVATE"}


async def signin(showroom: Showroom, step: Step) -> Answers:
    """Reps sign in one after another; who is refused keeps nobody else out."""
    refused: Refusal | None = None
    for name in step.words:
        order = SignIn(showroom.site_id, (showroom.member(name),))
        try:
            await showroom.perform(showroom.caller(name), order, sign_in, nothing_more)
        except Refusal as refusal:
            refused = refusal
    if refused is not None:
        raise refused
    return {}


async def signin_same(showroom: Showroom, step: Step) -> Answers:
    """The desk enters sign-ins of equal times."""
    order = SignIn(showroom.site_id, tuple(showroom.member(name) for name in step.words))
    await showroom.perform(showroom.caller(DESK), order, sign_in, nothing_more)
    return {}


def _own_day(
    order_of: Callable[[UUID, UUID], Any], command: Command[Any, UUID]
) -> Callable[[Showroom, Step], Awaitable[Answers]]:
    """Make the verb by which a rep says something of his own day."""

    async def say(showroom: Showroom, step: Step) -> Answers:
        name = word(step, 0)
        order = order_of(showroom.site_id, showroom.member(name))
        await showroom.perform(showroom.caller(name), order, command, nothing_more)
        return {}

    return say


async def away(showroom: Showroom, step: Step) -> Answers:
    """A rep is out for a while.

    Raises:
        StoriesUnreadable: the reason is no word of stories; a refusal would pass in silence.
    """
    name, reason = word(step, 0), step.option("reason", "business")
    if reason not in _AWAY_REASONS:
        raise StoriesUnreadable(f"away reason={reason}: {' or '.join(_AWAY_REASONS)} is expected")
    order = GoAway(showroom.site_id, showroom.member(name), _AWAY_REASONS[reason])
    await showroom.perform(showroom.caller(name), order, go_away, nothing_more)
    return {}


async def resign(showroom: Showroom, step: Step) -> Answers:
    """The administrator enters that a rep has left the company."""
    member_id = showroom.member(word(step, 0))
    (row,) = await showroom.look(
        "SELECT version FROM app.member WHERE tenant_id = $1 AND id = $2", member_id
    )
    order = LeaveMember(member_id, row["version"])
    await showroom.perform(showroom.admin, order, leave_member, nothing_more)
    return {}


async def queue(showroom: Showroom, _step: Step) -> Answers:
    """Look at the live queue."""
    return {"order": await live_order(showroom)}


async def live_order(showroom: Showroom) -> str:
    """Return the live queue as stories write it."""
    rows = await showroom.look(
        "SELECT place.member_id FROM app.rotation_queue q,"
        " unnest(q.member_ids) WITH ORDINALITY AS place (member_id, number)"
        " JOIN app.member m ON m.tenant_id = $1 AND m.id = place.member_id"
        " WHERE q.tenant_id = $1 AND q.site_id = $2 AND q.day = $3 AND m.state = 'ACTIVE'"
        " ORDER BY place.number",
        showroom.site_id,
        day_of(showroom.clock.now(), ZONE),
    )
    return ",".join(showroom.name_of(row["member_id"]) for row in rows)


async def call(showroom: Showroom, step: Step) -> Answers:
    """Somebody of the cast takes a call; one of the same name before gives what is left out."""
    known = showroom.memory.calls.setdefault(word(step, 0), {})
    known |= step.options
    phones = phones_of(step) or tuple(showroom.memory.phones.get(known.get("cust", ""), ()))
    order = RecordCall(
        showroom.site_id,
        phone=phones[0] if phones else _NO_NUMBER,
        caller_name=known.get("cust"),
        rings=_number(known.get("rings")),
        duration_seconds=_number(known.get("secs")),
    )
    caller = showroom.caller(known.get("by", REPS[0]))
    done = await showroom.perform(caller, order, record_call, nothing_more)
    if done.result.registration_id is not None and "cust" in known:
        (entered,) = await showroom.look(
            "SELECT party_id FROM app.registration WHERE tenant_id = $1 AND id = $2",
            done.result.registration_id,
        )
        showroom.memory.met(known["cust"], entered["party_id"])
    return {"ring": done.result.rings or _OK, "dur": done.result.length or _OK}


def _number(written: str | None) -> int | None:
    return int(written) if written is not None else None


VERBS = {
    "signin": Verb(signin, silent),
    "signin_same": Verb(signin_same, silent),
    "signout": Verb(_own_day(SignOut, sign_out), silent),
    "away": Verb(away, silent),
    "back": Verb(_own_day(ComeBack, come_back), silent),
    "dayoff": Verb(_own_day(TakeDayOff, take_day_off), silent),
    "resign": Verb(resign, silent),
    "queue": Verb(queue, blank("order")),
    "call": Verb(call, blank("ring", "dur")),
    "callsla": Verb(call, blank("ring", "dur")),
}
