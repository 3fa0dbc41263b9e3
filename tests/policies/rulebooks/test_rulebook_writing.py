"""A document written out reads back the same, and looks like the shipped ones."""

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from rulebook_desk import DESK, a_rule, the_desk
from rulebook_strategies import DOCUMENTS
from shipped_rulebooks import SHIPPED

from service.policies.rulebooks import drafts
from service.policies.rulebooks.document import from_json, parse
from service.policies.rulebooks.meaning import meaning_of
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.proposing import propose
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES
from service.policies.rulebooks.writing import WIDTH, write

# Any text a person may write; what cannot be seen is refused when it is read.
AWKWARD = [
    "true",
    "no",
    "null",
    "~",
    "12",
    "1.5",
    "0x1F",
    "1e3",
    "2026-01-01",
    "---",
    "-",
    "?",
    ":",
    "#",
    "@a",
    "`b",
    "%c",
]
TEXTS = st.text("ab Z中,:#-?{}[]&*!|>'\"%@`\\\n\t.0159+/~=<", max_size=60) | st.sampled_from(
    [*AWKWARD, "", " ", "- a", "a: b", "a #b", "long " * 40, "long  and " * 30]
)
NAMES = st.text("abcXYZ019_.+/-中文", min_size=1, max_size=12)


def same_through(document: Document, text: str) -> bool:
    return parse(text) == document == from_json(json.loads(json.dumps(document.to_json())))


def ids_of(document: Document) -> dict[str, list[str]]:
    return {
        name: [one.id.raw for one in decision.all_rules]
        for name, decision in document.decisions.items()
    }


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document whose every free text and name is arbitrary."""
    plain = draw(DOCUMENTS).to_json()
    sentences = st.fixed_dictionaries({"en": TEXTS, "zh-Hant": TEXTS, "zh-Hans": TEXTS})
    plain["title"], plain["industry"] = draw(sentences), draw(TEXTS)
    plain["principles"] = draw(st.lists(TEXTS, max_size=3))
    plain["effective"] = draw(st.dictionaries(st.sampled_from(["from", "until"]), TEXTS))
    if draw(st.booleans()):
        plain["version"] = draw(st.integers(1, 99))
    if draw(st.booleans()):
        del plain["rotation"]
    plain["params"][draw(NAMES)] = {
        "value": draw(st.lists(NAMES, max_size=3)),
        "words": draw(st.lists(NAMES, max_size=9)),
        "says": draw(sentences),
        "source": draw(TEXTS),
    }
    for rule in (*plain["decisions"]["greet"]["rules"], plain["decisions"]["greet"]["otherwise"]):
        rule["says"], rule["source"], rule["id"] = draw(sentences), draw(TEXTS), draw(NAMES)
    if draw(st.booleans()):
        del plain["decisions"]["greet"]["otherwise"]
    if draw(st.booleans()):
        plain["decisions"][draw(NAMES)] = {"rules": []}
    given_facts = st.dictionaries(NAMES, st.integers(0, 200) | st.booleans() | TEXTS, max_size=4)
    row = st.fixed_dictionaries(
        {"decision": NAMES, "given": given_facts, "expect": given_facts},
        optional={"params": st.dictionaries(NAMES, st.lists(NAMES) | st.booleans(), min_size=1)},
    )
    plain["tests"] = draw(st.lists(row, max_size=3))
    return from_json(plain)


@settings(max_examples=25, deadline=None)
@given(documents())
def test_nothing_is_lost_on_the_way_through_yaml_and_json(document: Document) -> None:
    assert same_through(document, write(document, DESK))
    assert same_through(document, write(document))


@settings(max_examples=20, deadline=None)
@given(documents())
def test_the_same_document_is_the_same_bytes_whatever_the_order_of_its_tables(
    document: Document,
) -> None:
    # A database keeps the keys of a table in an order of its own.
    stored = json.loads(json.dumps(document.to_json(), sort_keys=True))

    assert write(from_json(stored), DESK) == write(document, DESK)
    assert write(parse(write(document, DESK)), DESK) == write(document, DESK)


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_rulebook_survives_every_way(name: str) -> None:
    document = parse(SHIPPED[name])
    text = drafts.write(document)

    assert same_through(document, text)
    assert ids_of(parse(text)) == ids_of(document)


def test_what_is_written_looks_like_what_is_shipped() -> None:
    text = drafts.write(parse(SHIPPED["showroom"]))

    written = text.splitlines()
    shipped = set(SHIPPED["showroom"].splitlines())
    # All but a few lines that somebody broke otherwise, or wrote with marks that are not needed.
    assert sum(line in shipped for line in written) > 0.9 * len(written)
    # Only Chinese, which knows no blanks, runs on.
    assert not [line for line in written if len(line) > WIDTH and line.isascii()]


def test_other_readers_of_yaml_take_text_for_text() -> None:
    document = the_desk(a_rule("R-1", "rep_free", says='{en: "no", zh-Hant: "12", zh-Hans: "~"}'))
    document = from_json(document.to_json() | {"principles": ["yes", "1e3", "0o7", "1_000", "="]})

    plain = yaml.safe_load(write(document))

    assert plain["principles"] == ["yes", "1e3", "0o7", "1_000", "="]
    says = plain["decisions"]["greet"]["rules"][0]["says"]
    assert says == {"en": "no", "zh-Hant": "12", "zh-Hans": "~"}
    assert plain["params"]["patience"]["value"] == 10


def test_json_that_escapes_every_character_is_read_like_any_other() -> None:
    document = from_json(the_desk().to_json() | {"principles": ["客户 😀 \\ud83d😀", "\\\\"]})

    assert parse(json.dumps(document.to_json(), ensure_ascii=True)) == document


def test_proposed_tests_can_be_written_into_the_document() -> None:
    document = the_desk(a_rule("R-1", "rep_free", "visitor in params.guests"))
    meaning, _ = meaning_of(document, DESK)
    rows = [dict(one.test) for one in propose(meaning)]

    text = write(from_json(document.to_json() | {"tests": rows}), DESK)

    assert parse(text).tests == from_json(document.to_json() | {"tests": rows}).tests
    assert "  - {decision: greet, given: {}, expect: {rule: OTHER, who: MANAGER" in text


def test_a_document_of_an_unknown_policy_is_written_by_name() -> None:
    assert "desk" not in VOCABULARIES
    assert parse(drafts.write(the_desk())) == the_desk()
