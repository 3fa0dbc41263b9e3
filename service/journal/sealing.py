"""Seals what is committed of the ledgers, and finds what was touched afterwards.

The worker chains hashes over the lines in the order they were written, below the oldest transaction
that still runs: what is there is final then, and no writer waits. Each line's hash covers every
byte of it and the hash before it, so that a line changed, taken out or put in is found, and named.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from service.database.constraints import lost_race
from service.database.session import Row, Session
from service.journal.entries import chained
from service.journal.tables import JournalSeal

MOST: Final = 500
_HASH: Final = 64


@dataclass(frozen=True, slots=True)
class _Ledger:
    """A table whose lines are sealed.

    Attributes:
        at: the column with the instant of a line.
        columns: what of a line never changes.
    """

    table: str
    at: str = "at"
    columns: str = "x.*"


# How long a version holds is moved by the next one, so that stays out.
_OF_A_VERSION: Final = (
    "x.id, x.transaction, x.policy, x.number, x.document, x.overrides, x.site_id, x.effective_on,"
    " x.effective_from, x.published_by, x.author_ids, x.created_at AS at"
)
_OF_A_REGISTER: Final = "x.id, x.transaction, x.member_id, x.site_id, x.created_at AS at"
# Where an entry stands and until when it tracks goes on moving; whose it is does not.
_OF_AN_ENTRY: Final = (
    "x.id, x.transaction, x.register_book_id, x.member_id, x.party_id, x.visit_id, x.call_id,"
    " x.site_id, x.entered_at AS at, x.ranks_from, x.reception_day, x.result, x.decision_id,"
    " x.corrects_id, x.remark, x.entry_number, x.entry_hash, x.created_by"
)
_OF_A_RELATION: Final = (
    "x.id, x.transaction, x.party_id, x.other_party_id, x.kind, x.unit_code, x.created_at AS at,"
    " x.created_by, x.on_behalf_of_id"
)
# What was done about a case is said later, and held against the audit.
_OF_A_CASE: Final = (
    "x.id, x.transaction, x.member_id, x.site_id, x.register_book_id, x.found_at AS at, x.found_by,"
    " x.scope, x.named_registration_id, x.first_day, x.last_day, x.reason, x.registration_ids,"
    " x.decision_id, x.created_at, x.created_by"
)
_LEDGERS: Final = {
    "A": _Ledger("audit_event"),
    "D": _Ledger("decision"),
    "C": _Ledger("credit_entry"),
    "V": _Ledger("rulebook_version", at="created_at", columns=_OF_A_VERSION),
    "B": _Ledger("register_book", at="created_at", columns=_OF_A_REGISTER),
    "R": _Ledger("registration", at="entered_at", columns=_OF_AN_ENTRY),
    "F": _Ledger("follow_up"),
    "K": _Ledger("party_relation", at="created_at", columns=_OF_A_RELATION),
    "M": _Ledger("metric_credit", at="recorded_at", columns="x.*, x.recorded_at AS at"),
    "S": _Ledger("dispute_step"),
    "P": _Ledger("penalty_case", at="found_at", columns=_OF_A_CASE),
}
# Says which transaction wrote a line, which another database may number otherwise.
_UNSEALED: Final = frozenset({"tenant_id", "transaction", "ledger"})

# Two workers seal at once: the second begins again behind the first one's seal.
lost_race("journal_seal_number_key")

# Every transaction below it is over.
_HORIZON: Final = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
# $2, $3: the last line sealed; $4: the horizon; lines without a transaction are older than the
# column.
_NEXT: Final = """
SELECT '{letter}' AS ledger, {columns} FROM app.{table} x
WHERE x.tenant_id = $1
  AND (x.transaction >= $2 {older})
  AND (coalesce(x.transaction, 0), x.id) > ($2::bigint, $3::uuid)
  AND coalesce(x.transaction, 0) < $4
ORDER BY coalesce(x.transaction, 0), x.id LIMIT $5
"""
_FOUND: Final = """
SELECT '{letter}' AS ledger, {columns} FROM app.{table} x
WHERE x.tenant_id = $1 AND x.id = ANY($2::uuid[])
"""
# The audit is kept by month: its lines are looked for where they were when they were sealed.
_WITHIN: Final = " AND x.{at} BETWEEN $3 AND $4"
_PUT_IN: Final = """
WITH sealed AS MATERIALIZED (
    SELECT unnest(s.record_ids) AS id FROM app.journal_seal s WHERE s.tenant_id = $1
)
SELECT x.id, x.{at} AS at FROM app.{table} x LEFT JOIN sealed ON sealed.id = x.id
WHERE x.tenant_id = $1 AND (coalesce(x.transaction, 0), x.id) <= ($2::bigint, $3::uuid)
  AND sealed.id IS NULL ORDER BY x.{at}, x.id
"""
_NONE: Final = UUID(int=0)


async def seal(session: Session, now: datetime, new_id: UUID) -> int:
    """Seal the next lines of a tenant, if there are any, and return how many.

    For a transaction that does nothing else; call it again while it seals as many as it may.
    """
    last = await session.fetch_one(
        "SELECT number, right(hashes, 64) AS head, last_transaction, last_id"
        " FROM app.journal_seal WHERE tenant_id = $1 ORDER BY number DESC LIMIT 1",
        session.tenant_id,
    )
    after = (last["last_transaction"], last["last_id"]) if last else (0, _NONE)
    lines = await _next(session, after)
    if not lines:
        return 0
    head = str(last["head"]) if last else ""
    previous, hashes = head, list[str]()
    for line in lines:
        head = chained(head, _said(line))
        hashes.append(head)
    session.add(
        JournalSeal(
            tenant_id=session.tenant_id,
            id=new_id,
            number=last["number"] + 1 if last else 1,
            sealed_at=now,
            looked_through="".join(_LEDGERS),
            ledgers="".join(line["ledger"] for line in lines),
            record_ids=[line["id"] for line in lines],
            hashes="".join(hashes),
            previous_hash=previous,
            last_transaction=lines[-1]["transaction"] or 0,
            last_id=lines[-1]["id"],
            from_at=min(line["at"] for line in lines),
            until_at=max(line["at"] for line in lines),
        )
    )
    await session.flush()
    return len(lines)


async def _next(session: Session, after: tuple[int, UUID]) -> list[Row]:
    older = "OR x.transaction IS NULL" if after[0] == 0 else ""
    lines: list[Row] = []
    # One for all ledgers: with each its own, a transaction that ends between two of them would be
    # passed by in the first for ever.
    horizon = await session.fetch_value(_HORIZON)
    for letter, ledger in _LEDGERS.items():
        asked = _NEXT.format(letter=letter, table=ledger.table, columns=ledger.columns, older=older)
        lines += await session.fetch(asked, session.tenant_id, *after, horizon, MOST)
    return sorted(lines, key=lambda line: (line["transaction"] or 0, line["id"]))[:MOST]


def _said(line: Row) -> dict[str, Any]:
    """Return what a line says; what it leaves empty is left out, so that columns can be added."""
    return {
        name: value for name, value in line.items() if value is not None and name not in _UNSEALED
    }


class Touch(StrEnum):
    """What was done to a line after it was sealed, or to a seal itself."""

    CHANGED = "CHANGED"
    REMOVED = "REMOVED"
    INSERTED = "INSERTED"
    SEAL_BROKEN = "SEAL_BROKEN"
    UNCHAINED = "UNCHAINED"
    DISAGREES = "DISAGREES"


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is not as it was sealed.

    Attributes:
        record: which ledger the line is in, or `journal_seal`.
        seal: number of the seal it stands in; None for a line that stands in none.
        field: the column of a record that says otherwise than its decisions.
    """

    touch: Touch
    record: str
    id: UUID
    seal: int | None
    at: datetime | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What looking through a tenant's seals came to.

    Attributes:
        head: the last hash: whoever has noted it elsewhere can tell that nothing was cut off.
        waiting: lines committed and not sealed yet.
    """

    seals: int
    lines: int
    waiting: int
    head: str
    found: tuple[Found, ...]


async def verify(session: Session) -> Verified:
    """Compute every hash of a tenant's journal again and name each line that differs."""
    found: list[Found] = []
    number, lines, head, after = 0, 0, "", (0, _NONE)
    async for seal_row in _seals(session):
        number += 1
        if seal_row["number"] != number or seal_row["previous_hash"] != head:
            found.append(_broken(seal_row))
            number = seal_row["number"]
        found += await _differing(session, seal_row)
        head = seal_row["hashes"][-_HASH:]
        lines += len(seal_row["record_ids"])
        after = (seal_row["last_transaction"], seal_row["last_id"])
    for ledger in _LEDGERS.values():
        asked = _PUT_IN.format(table=ledger.table, at=ledger.at)
        rows = await session.fetch(asked, session.tenant_id, *after)
        found += [Found(Touch.INSERTED, ledger.table, row["id"], None, row["at"]) for row in rows]
    waiting = len(await _next(session, after))
    return Verified(number, lines, waiting, head, tuple(found))


async def has_head(session: Session, head: str) -> bool:
    """Tell whether a hash noted earlier is still that of a line at the end of a seal."""
    found: bool = await session.fetch_value(
        "SELECT EXISTS (SELECT FROM app.journal_seal"
        " WHERE tenant_id = $1 AND right(hashes, 64) = $2)",
        session.tenant_id,
        head,
    )
    return found


def _broken(seal_row: Row) -> Found:
    return Found(
        Touch.SEAL_BROKEN, "journal_seal", seal_row["id"], seal_row["number"], seal_row["sealed_at"]
    )


async def _seals(session: Session) -> AsyncIterator[Row]:
    number = 0
    while True:
        rows = await session.fetch(
            "SELECT * FROM app.journal_seal WHERE tenant_id = $1 AND number > $2"
            " ORDER BY number LIMIT 20",
            session.tenant_id,
            number,
        )
        for row in rows:
            yield row
        if not rows:
            return
        number = rows[-1]["number"]


async def _differing(session: Session, seal_row: Row) -> list[Found]:
    ids, hashes = seal_row["record_ids"], _cut(seal_row["hashes"])
    if not len(ids) == len(hashes) == len(seal_row["ledgers"]):
        return [_broken(seal_row)]
    lines = await _lines(session, seal_row)
    found: list[Found] = []
    head = seal_row["previous_hash"]
    for letter, record_id, stored in zip(seal_row["ledgers"], ids, hashes, strict=True):
        line = lines.get((letter, record_id))
        table = _LEDGERS[letter].table if letter in _LEDGERS else "journal_seal"
        if line is None:
            found.append(Found(Touch.REMOVED, table, record_id, seal_row["number"]))
        elif chained(head, _said(line)) != stored:
            touched = Found(Touch.CHANGED, table, record_id, seal_row["number"], line["at"])
            found.append(touched)
        # Each is tied to what was stored before it: one touched line accuses no other.
        head = stored
    return found


async def _lines(session: Session, seal_row: Row) -> dict[tuple[str, UUID], Row]:
    lines: dict[tuple[str, UUID], Row] = {}
    for letter, ledger in _LEDGERS.items():
        ids = [
            record_id
            for of, record_id in zip(seal_row["ledgers"], seal_row["record_ids"], strict=False)
            if of == letter
        ]
        if not ids:
            continue
        asked = _FOUND.format(letter=letter, table=ledger.table, columns=ledger.columns)
        within = (seal_row["from_at"], seal_row["until_at"])
        close = asked + _WITHIN.format(at=ledger.at)
        rows = await session.fetch(close, session.tenant_id, ids, *within)
        lines |= {(letter, row["id"]): row for row in rows}
        missing = [record_id for record_id in ids if (letter, record_id) not in lines]
        if missing:
            # Removed, or its instant was changed.
            rows = await session.fetch(asked, session.tenant_id, missing)
            lines |= {(letter, row["id"]): row for row in rows}
    return lines


def _cut(hashes: str) -> Sequence[str]:
    return [hashes[begin : begin + _HASH] for begin in range(0, len(hashes), _HASH)]


def sentences(verified: Verified) -> Iterable[str]:
    """Word each finding for an operator."""
    words = {
        Touch.CHANGED: "was changed after it was sealed",
        Touch.REMOVED: "was removed after it was sealed",
        Touch.INSERTED: "was put among what is sealed",
        Touch.SEAL_BROKEN: "does not follow the seal before it",
        Touch.UNCHAINED: "does not follow the entry before it",
        Touch.DISAGREES: "does not say what was decided",
    }
    for one in verified.found:
        place = "" if one.seal is None else f" (seal {one.seal})"
        when = "" if one.at is None else f" of {one.at.isoformat(timespec='milliseconds')}"
        field = "" if one.field is None else f": {one.field}"
        yield f"{one.record} {one.id}{when} {words[one.touch]}{place}{field}"
