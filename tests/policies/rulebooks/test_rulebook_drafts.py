"""A draft is looked over whole: its shape, its meaning, its reach, its own tests."""

import json

from rulebook_desk import SHOWROOM_TEXT

from service.policies.rulebooks.document import parse
from service.policies.rulebooks.drafts import check_json, check_text
from service.policies.rulebooks.vocabulary.kinds import LOCALES


def test_the_shipped_rulebook_can_be_published_as_yaml_and_as_json() -> None:
    document = parse(SHOWROOM_TEXT)

    assert check_text(SHOWROOM_TEXT).errors == ()
    assert check_json(document.to_json()).errors == ()
    assert check_text(json.dumps(document.to_json())).document == document


def test_a_text_without_shape_is_no_document() -> None:
    checked = check_text("policy: showroom")

    assert checked.document is None
    assert {problem.code for problem in checked.errors} == {"MISSING_KEY"}
    assert check_json([]).errors[0].code == "WRONG_SHAPE"


def test_a_policy_that_the_product_has_not_is_named_with_the_one_meant() -> None:
    checked = check_text(SHOWROOM_TEXT.replace("policy: showroom", "policy: showrom", 1))

    assert [(one.code, one.suggestion) for one in checked.errors] == [("WRONG_POLICY", "showroom")]


def test_a_test_that_fails_is_an_error_at_its_place() -> None:
    text = SHOWROOM_TEXT.replace("given: {assigned: true}", "given: {}", 1)
    assert text != SHOWROOM_TEXT

    found = check_text(text).errors

    assert [problem.code for problem in found] == ["TEST_FAILS"]
    assert found[0].at.line > 0
    assert found[0].at.path.startswith("/tests/")
    assert all(found[0].message(locale) for locale in LOCALES)
