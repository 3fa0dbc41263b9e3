"""A rulebook small enough to be read at a glance: who greets at the door of a showroom."""

from pathlib import Path

from service.policies.rulebooks.document import parse
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.vocabulary.kinds import (
    DecisionWords,
    Fact,
    Field,
    Flag,
    Label,
    Number,
    Vocabulary,
    Words,
)

SHOWROOM_TEXT = (Path(__file__).parents[3] / "policies/rulebooks/showroom.yaml").read_text("utf-8")

_ANY = Label("a thing", "事物", "事物")

GREET = DecisionWords(
    "greet",
    _ANY,
    facts=(
        Fact("visitor", Words(("NEW", "OLD", "VIP")), "NEW", _ANY),
        Fact("rep_free", Flag(), False, _ANY),
        Fact("knows_rep", Flag(), False, _ANY),
        Fact("waited", Number(0, 120), 0, _ANY),
    ),
    fields=(
        Field("who", Words(("REP", "MANAGER")), _ANY),
        Field("minutes", Number(0, 60), _ANY, 0),
        Field("drink", Words(("NONE", "TEA")), _ANY, "NONE"),
    ),
    axioms=("visitor is not NEW or not knows_rep",),
    names=("rep",),
)

DESK = Vocabulary(
    policy="desk",
    decisions={"greet": GREET},
    words={},
    parameters={"patience": Number(0, 120)},
    orders=("SIGN_IN",),
)

PARAMS = """
  patience: {value: 10, min: 0, max: 60, unit: minutes, source: 一}
  grace: {value: 5, min: 0, max: 60, unit: minutes, source: 一}
  strict: {value: false, source: 一}
  host: {value: REP, words: [REP, MANAGER], source: 一}
  guests: {value: [OLD], words: [OLD, VIP], source: 一}
  share: {value: 60, min: 0, max: 100, unit: percent, source: 一}
"""

SAYS = "{en: Please come in, zh-Hant: 歡迎光臨, zh-Hans: 欢迎光临}"


def a_rule(rule_id: str, *lines: str, then: str = "who: REP", says: str = SAYS) -> str:
    """Return one rule as YAML."""
    when = "".join(f"\n          - {line}" for line in lines) or " []"
    return f"""
      - id: {rule_id}
        source: 一(一)1
        says: {says}
        when:{when}
        then: {{{then}}}"""


def the_text(
    *rules: str, params: str = PARAMS, tests: str = " []", otherwise: str = "who: MANAGER"
) -> str:
    """Return a document of the desk as YAML."""
    listed = "".join(rules) or " []"
    return f"""policy: desk
title: {{en: Desk, zh-Hant: 前臺, zh-Hans: 前台}}
industry: showroom
applies_to: [desk]
effective: {{from: 2026-01-01}}
running: keep
principles: []
params:{params}
rotation: {{order: SIGN_IN, skip: greet}}
decisions:
  greet:
    rules:{listed}
    otherwise: {{id: OTHER, source: 一, says: {SAYS}, then: {{{otherwise}}}}}
tests:{tests}
"""


def the_desk(*rules: str, **parts: str) -> Document:
    """Return a document of the desk."""
    return parse(the_text(*rules, **parts))


def position_of(text: str, words: str) -> tuple[int, int]:
    """Return line and column (from 1) of the first place where words stand in a text."""
    before = text[: text.index(words)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")
