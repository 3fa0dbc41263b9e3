"""Mutations sent a second time under their key: answered as the first time, and nothing written.

The first of each that succeeds in a run of tests is repeated, whichever test it is of: so all are
that any test sends, as they are really sent, and each costs one request more.
"""

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from service.work import Transactions, UnitOfWork

# A secret is told once, and withheld from whoever asks for it again.
_TOLD_ONCE = {"createApiKey"}
_NAME = re.compile(r"mutation\b[^{]*\{\s*(?:\w+\s*:\s*)?(\w+)\s*\(\s*input\s*:\s*\$\w+\s*\)")
_REPLAYED = re.compile(rb'"replayed":(?:true|false)')
_COST = re.compile(rb',"extensions":\{"cost":[^}]*\}\}\}$')
_repeated: set[str] = set()


async def repeated(
    send: Callable[[], Awaitable[httpx.Response]],
    transactions: Transactions,
    document: str,
    answer: httpx.Response,
) -> None:
    """Send a mutation again, if none of its name was yet and it has succeeded.

    Raises:
        AssertionError: it is answered otherwise, or something was written.
    """
    found = _NAME.match(document.strip())
    if found is None or found[1] in _repeated or answer.status_code != 200:
        return
    told = answer.json()
    payloads = [one for one in (told.get("data") or {}).values() if isinstance(one, dict)]
    if "errors" in told or len(payloads) != 1 or payloads[0].get("errors"):
        return
    _repeated.add(found[1])
    with _watched(transactions) as wrote:
        again = await send()
    assert wrote == [], found[1]
    (payload,) = again.json()["data"].values()
    assert payload.get("replayed", True), found[1]
    if found[1] not in _TOLD_ONCE:
        assert _shown(again) == _shown(answer), found[1]


def _shown(answer: httpx.Response) -> bytes:
    return _REPLAYED.sub(b"", _COST.sub(b"", answer.content))


@contextmanager
def _watched(transactions: Transactions) -> Iterator[list[str]]:
    """Give the names of the commands that have written by the time they are answered."""
    carry_out = transactions.carry_out
    wrote: list[str] = []

    async def watched(*given: Any, **more: Any) -> Any:
        caller, key, order, command, answer = given

        async def read(work: UnitOfWork, result: object) -> Any:
            if await work.fetch_value("SELECT pg_current_xact_id_if_assigned()::text"):
                wrote.append(command.__name__)
            return await answer(work, result)

        return await carry_out(caller, key, order, command, read, **more)

    setattr(transactions, "carry_out", watched)  # noqa: B010 - a method is no attribute to mypy
    try:
        yield wrote
    finally:
        delattr(transactions, "carry_out")
