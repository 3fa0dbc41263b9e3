"""The JSON Schema takes every shipped rulebook, and refuses nothing that the checks take."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from rulebook_desk import DESK, SAYS, a_rule, the_desk
from rulebook_strategies import DOCUMENTS
from shipped_rulebooks import SHIPPED, document_of
from test_rulebook_hostility import spoilt_values

from service.policies.rulebooks.checks import check
from service.policies.rulebooks.document import from_json
from service.policies.rulebooks.editor_schema import editor_schema
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.problems import RulebookRefused
from service.policies.rulebooks.vocabulary.kinds import LOCALES
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES

FOLDER = Path(__file__).parents[3] / "docs/reference"


@cache
def validator(policy: str) -> Draft7Validator:
    vocabulary = DESK if policy == DESK.policy else VOCABULARIES[policy]
    return Draft7Validator(editor_schema(vocabulary))


def refused(plain: Any, policy: str = "desk") -> list[str]:
    return [error.message for error in validator(policy).iter_errors(plain)]


def plain_desk() -> Any:
    trial = "\n  - {decision: greet, given: {rep_free: true}, expect: {rule: R-1, who: REP}}"
    return the_desk(a_rule("R-1", "rep_free", then="who: REP, minutes: 5"), tests=trial).to_json()


@pytest.mark.parametrize("policy", sorted(VOCABULARIES))
def test_the_schema_is_one_and_stands_in_the_reference(policy: str) -> None:
    schema = editor_schema(VOCABULARIES[policy])

    Draft7Validator.check_schema(schema)
    # `python -m service.schema.printed --write` writes it anew.
    assert json.loads((FOLDER / f"{policy}.schema.json").read_text("utf-8")) == schema


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_rulebook_fits_its_schema(name: str) -> None:
    document = document_of(name)

    assert refused(document.to_json(), document.policy.raw) == []


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS)
def test_what_the_checks_take_fits_the_schema(document: Document) -> None:
    assert refused(document.to_json()) == []


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_what_the_schema_refuses_the_checks_refuse(data: st.DataObject) -> None:
    spoilt = spoilt_values(plain_desk(), data.draw)
    if not refused(spoilt):
        return

    try:
        problems = check(from_json(spoilt), DESK)
    except RulebookRefused as fault:
        problems = list(fault.problems)

    assert problems


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("policy",), "dsk"),
        (("running",), "kep"),
        (("colour",), "red"),
        (("rotation", "order"), "SIGNIN"),
        (("rotation", "skip"), "great"),
        (("params", "patience", "value"), 200),
        (("params", "patience", "min"), "soon"),
        (("params", "strict", "colour"), "red"),
        (("params", "sh are"), {"value": 1, "source": "一"}),
        (("decisions", "great"), {"rules": []}),
        (("decisions", "greet", "rules", 0, "then"), {"who": "RAP"}),
        (("decisions", "greet", "rules", 0, "then"), {"minutes": 3}),
        (("decisions", "greet", "rules", 0, "when"), "rep_free"),
        (("decisions", "greet", "rules", 0, "says"), {"en": "Come in"}),
        (("tests", 0, "given"), {"visitr": "OLD"}),
        (("tests", 0, "given"), {"waited": 121}),
        (("tests", 0, "expect"), {"whom": "REP"}),
        (("tests", 0, "decision"), "great"),
    ],
)
def test_a_mistake_is_seen_while_it_is_typed(path: tuple[Any, ...], value: Any) -> None:
    plain = plain_desk()
    assert refused(plain) == []
    node = plain
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value

    assert refused(plain)


def test_names_are_completed_and_explained_in_each_language() -> None:
    for locale in LOCALES:
        schema = editor_schema(VOCABULARIES["showroom"], locale)
        rule = schema["properties"]["decisions"]["properties"]["reception"]["properties"]["rules"]
        lines = rule["items"]["properties"]["when"]["items"]
        fact = next(one for one in VOCABULARIES["showroom"].decisions["reception"].facts)

        assert f"{fact.name} is DECLARED" in lines["examples"]
        assert fact.label.text(locale) in lines["description"]
    assert SAYS
