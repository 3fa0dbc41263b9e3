"""All rules of a document as one find what each of them finds, in the same order."""

import re
from random import Random

from graphql import GraphQLSyntaxError, parse, specified_rules, validate

from differential.documents import GRAPHQL, Author, Material
from service.schema.validation import RULES, AllRules

DOCUMENTS = 40
# What the author never writes wrongly.
WRONG = """
query A($a: Int, $a: Int, $b: Unknown, $c: Member, $d: Int = "x") { viewer { locale locale: id } }
query A { __typename @skip @skip(if: 1) @nowhere @include(if: true) @include(if: true) }
query { viewer @deprecated { ...Lost ...Round ... on Int { x } } deals(first: 1, first: 2) { no } }
mutation { giveUp(input: {a: 1, a: 2}) { id { id } } }
subscription { a: __typename b: __typename }
fragment Round on Query { ...Round } fragment Round on Nothing { x }
fragment Idle on Query { viewer { member } }
scalar Other
"""


def broken(text: str, chance: Random) -> str:
    """Write some words of a document again in place of others."""
    parts = re.split(r"(\w+)", text)
    words = range(1, len(parts), 2)
    for _ in range(chance.randint(1, 4)):
        parts[chance.choice(words)] = parts[chance.choice(words)]
    return "".join(parts)


def faults(text: str, rules: list[type], at_most: int = 50) -> list[str]:
    """Return what is found, with its places."""
    return [str(one) for one in validate(GRAPHQL, parse(text), rules, max_errors=at_most)]


def test_broken_documents_have_the_same_faults_in_the_same_order() -> None:
    material, wrong = Material(["x"]), 0
    for number in range(DOCUMENTS):
        chance = Random(number)  # noqa: S311 - keeps no secret
        text = broken(Author(chance, material, frozenset()).document().text, chance)
        try:
            alone = faults(text, list(RULES))
        except GraphQLSyntaxError:
            continue
        wrong += bool(alone)
        assert faults(text, [AllRules]) == alone, text

    assert wrong > DOCUMENTS / 2


def test_what_breaks_most_rules_at_once_breaks_them_as_it_did_one_by_one() -> None:
    alone = faults(WRONG, list(RULES))

    assert len(alone) > 20
    assert faults(WRONG, [AllRules]) == alone
    for most in range(1, len(alone), 6):
        assert faults(WRONG, [AllRules], most) == faults(WRONG, list(RULES), most)
    breaking = [rule for rule in specified_rules if faults(WRONG, [rule])]
    assert len(breaking) > 15, [rule.__name__ for rule in specified_rules if rule not in breaking]
