"""Many documents answered both ways, and what was seen."""

import base64
import binascii
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import orjson

from differential.both import Both
from differential.documents import Author, Written
from differential.world import World
from service.identity.tokens import Claims
from service.schema.documents import Faults
from service.schema.refusals import DocumentLimit

# Operators alone read the platform; checking a rulebook runs its tests, which take their time; a
# cursor of events is another with each transaction that anybody begins.
LEFT_OUT: Final = frozenset({"platformTenants", "checkRulebook", "eventCursor"})
_CURSORS_KEPT: Final = 60


class Differs(AssertionError):
    """The two executors gave different answers."""


@dataclass(slots=True)
class Seen:
    """How many documents were answered, and how."""

    plans: Counter[str] = field(default_factory=Counter)
    invalid: int = 0

    @property
    def answered(self) -> int:
        """Documents that were answered both ways."""
        return self.plans.total()


async def compare(both: Both, world: World, chance: Random, seen: Seen) -> None:
    """Write one document, and answer it both ways for one caller.

    Raises:
        Differs: with the document, its variables, and both answers.
    """
    written = Author(chance, world.material, LEFT_OUT).document()
    claims = chance.choice(world.callers)
    locale = chance.choice((None, "en", "zh-Hant", "zh-Hans"))
    try:
        planned, plain = await both.ask(claims, written.text, written.variables, locale)
    except (Faults, DocumentLimit):
        seen.invalid += 1
        return
    seen.plans[planned.plan if planned.why is None else f"{planned.plan} {planned.why}"] += 1
    if planned.says() != plain.says():
        raise Differs(_told(written, claims, planned.says(), plain.says()))
    _harvest(plain.data, world.material.cursors)
    del world.material.cursors[:-_CURSORS_KEPT]


def _told(written: Written, claims: Claims, planned: object, plain: object) -> str:
    return (
        f"{written.text}\n{orjson.dumps(written.variables).decode()}\nmember {claims.member_id}"
        f"\nplanned: {planned}\nplain:   {plain}"
    )


def _harvest(data: Any, cursors: list[str]) -> None:
    if isinstance(data, dict | list):
        for one in data.values() if isinstance(data, dict) else data:
            _harvest(one, cursors)
    elif isinstance(data, str) and len(data) > 60 and " " not in data:
        try:
            padded = data.encode() + b"=" * (-len(data) % 4)
            if isinstance(orjson.loads(base64.b64decode(padded, b"-_", validate=True)), list):
                cursors.append(data)
        except (ValueError, binascii.Error):
            return
