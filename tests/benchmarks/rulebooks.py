"""How fast a rulebook decides, explains, compiles and is checked.

`python tests/benchmarks/rulebooks.py` prints the table; `measure()` gives it to `make bench`.
The reference is a decision table written by hand in Python, on the same facts in the same run.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from service.policies.rulebooks.checks import check
from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.document import from_json, parse
from service.policies.rulebooks.drafts import check_bytes
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.problems import RulebookRefused
from service.policies.rulebooks.proposing import propose
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM
from service.policies.rulebooks.warnings import warnings

# The hostile documents stand beside the tests that read them.
sys.path.insert(0, str(Path(__file__).parents[1] / "policies/rulebooks"))
from hostile_rulebooks import TEXTS, text_of
from rulebook_desk import DESK

SHOWROOM_FILE = Path(__file__).parents[2] / "policies/rulebooks/showroom.yaml"
ROUNDS = 7
HUNDRED = 100

# A plain new visitor: every rule is asked before the last one decides.
FACTS = {fact.name: fact.absent for fact in SHOWROOM.decisions["reception"].facts} | {
    "queue": "FREE"
}


def _seconds(action: Callable[[], object], times: int) -> float:
    """Return the processor's seconds of one call: the best of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(times):
            action()
        best = min(best, (time.process_time() - started) / times)
    return best


def _by_hand(facts: Mapping[str, Any]) -> dict[str, str]:
    """Decide as a programmer would have written the first and the last rows."""
    if facts["survey"] == "DECLARED":
        return {"receiver": "STAND_IN", "owner": "NOBODY", "mode": "SURVEY"}
    if facts["registration"] == "LIVE" and facts["owner_state"] == "FREE":
        return {"receiver": "OWNER", "owner": "OWNER", "mode": "OWN_RETURN"}
    return {"receiver": "NEXT_IN_ROTATION", "owner": "RECEIVER", "mode": "TURN"}


def _with_a_hundred_rules(document: Document) -> Document:
    """Return the showroom with its reception filled up to the limit of rules."""
    plain: Any = document.to_json()
    rules = plain["decisions"]["reception"]["rules"]
    model = rules[0]
    combinations = (
        (survey, arrival, queue, named)
        for survey in ("NONE", "UNDECLARED")
        for arrival in ("WALK_IN", "PHONE", "REFERRAL")
        for queue in ("FREE", "BUSY", "AWAY", "EMPTY")
        for named in ("NONE", "FREE", "BUSY", "AWAY", "OFF")
    )
    added = []
    for number, (survey, arrival, queue, named) in enumerate(combinations):
        lines = [
            f"survey is {survey} and arrival is {arrival}",
            f"queue is {queue} or named_state is {named}",
            "said_before or params.named.evidence is ANY",
        ]
        added.append({**model, "id": f"X-{number}", "when": lines})
    plain["decisions"]["reception"]["rules"] = (rules + added)[:HUNDRED]
    return from_json(plain)


def _processor_seconds(hostile: str) -> float:
    """Return the processor time until a hostile text is answered."""
    content = text_of(hostile).encode("utf-8", "surrogatepass")
    started = time.process_time()
    check_bytes(content)
    with contextlib.suppress(RulebookRefused):
        check(parse(text_of(hostile)), DESK)
    return time.process_time() - started


def _entry(name: str, value: float, unit: str, reference: str, goal: float) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "reference": reference,
        "goal": goal,
        "ok": value <= goal,
    }


def measure() -> list[dict[str, Any]]:
    """Measure deciding, tracing, compiling and checking against the goals of the design."""
    text = SHOWROOM_FILE.read_text("utf-8")
    document = parse(text)
    rulebook = compile_rulebook(document, SHOWROOM)
    large = _with_a_hundred_rules(document)
    by_hand = _seconds(lambda: _by_hand(FACTS), 20_000) * 1e6
    decide = _seconds(lambda: rulebook.decide("reception", FACTS), 20_000) * 1e6
    trace = _seconds(lambda: rulebook.trace("reception", FACTS), 1_000) * 1e6
    compiled = _seconds(lambda: compile_rulebook(document, SHOWROOM), 5) * 1e3
    checked = _seconds(lambda: check(large, SHOWROOM), 1)
    read = _seconds(lambda: parse(text), 2) * 1e3
    meaning = rulebook.meaning
    looked = _seconds(lambda: warnings(meaning), 1)
    proposed = _seconds(lambda: propose(meaning), 1)
    slowest = max(TEXTS, key=_processor_seconds)
    return [
        _entry("rulebook: decide", decide, "us", f"three rows by hand: {by_hand:.2f} us", 2.0),
        _entry("rulebook: trace", trace, "us", "every rule of the reception asked", 50.0),
        _entry("rulebook: compile", compiled, "ms", "the shipped showroom", 20.0),
        _entry("rulebook: check", checked, "s", "a reception of 100 rules", 1.0),
        _entry("rulebook: read", read, "ms", "the shipped showroom from YAML", 200.0),
        _entry("rulebook: warnings", looked, "s", "overlaps of the shipped showroom", 1.0),
        _entry("rulebook: propose", proposed, "s", "tests the shipped showroom lacks", 1.0),
        _entry(
            "rulebook: hostile text",
            _processor_seconds(slowest),
            "s",
            f"processor time; slowest of {len(TEXTS)}: {slowest}",
            1.0,
        ),
    ]


if __name__ == "__main__":
    for row in measure():
        sys.stdout.write(
            f"{row['name']:<20}{row['value']:>10} {row['unit']:<3} goal {row['goal']:<6}"
            f"{'ok' if row['ok'] else 'MISSED':<8}{row['reference']}\n"
        )
