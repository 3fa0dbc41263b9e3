"""The showroom's vocabulary is complete, readable in three languages and free of doubt."""

import keyword

import pytest
from shipped_rulebooks import SHIPPED, document_of

from service.policies.rulebooks.reading import Text
from service.policies.rulebooks.settling import Scope, settle_condition
from service.policies.rulebooks.vocabulary.kinds import LOCALES, Label, Number, Words
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM

DECISIONS = list(SHOWROOM.decisions.values())


def labels() -> list[Label]:
    found = list(SHOWROOM.words.values())
    for decision in DECISIONS:
        found += [decision.label, *(part.label for part in (*decision.facts, *decision.fields))]
    return found


def test_every_label_is_worded_in_three_languages() -> None:
    for label in labels():
        assert all(label.text(locale).strip() for locale in LOCALES)


def test_every_word_of_every_list_has_a_label_and_no_label_is_left_over() -> None:
    used = {
        word
        for decision in DECISIONS
        for part in (*decision.facts, *decision.fields)
        if isinstance(part.kind, Words)
        for word in part.kind.words
    }

    # The orders of turns are written in a document as words are.
    assert used | set(SHOWROOM.orders) == set(SHOWROOM.words)


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: decision.name)
def test_facts_can_be_arguments_and_are_never_words(decision) -> None:
    names = [fact.name for fact in decision.facts]

    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in names)
    assert not set(names) & set(SHOWROOM.words)


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: decision.name)
def test_absent_facts_and_defaults_are_values_of_their_types(decision) -> None:
    assert all(fact.kind.admits(fact.absent) for fact in decision.facts)
    assert all(
        field.kind.admits(field.default) for field in decision.fields if field.default is not None
    )


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: decision.name)
def test_axioms_are_conditions_over_facts(decision) -> None:
    for axiom in decision.axioms:
        assert settle_condition(Text(axiom), Scope(decision, {}))


@pytest.mark.parametrize("policy", sorted(VOCABULARIES))
def test_every_parameter_that_is_shipped_is_explained_and_no_other(policy: str) -> None:
    shipped = [document_of(name) for name in SHIPPED]
    used = {name for one in shipped if one.policy.raw == policy for name in one.params}
    explained = VOCABULARIES[policy].explained

    assert set(explained) == used
    for label in explained.values():
        assert all(label.text(locale).strip() for locale in LOCALES)


def test_true_is_no_number_and_one_is_no_truth() -> None:
    assert not Number(0, 5).admits(value=True)
    assert Number(0, 5).admits(value=1)
