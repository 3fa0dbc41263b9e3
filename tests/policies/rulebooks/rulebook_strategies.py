"""Random documents of the desk: every kind of fact, parameter, comparison and outcome."""

from itertools import product

from hypothesis import strategies as st
from rulebook_desk import the_desk

from service.policies.rulebooks.document import from_json
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.vocabulary.kinds import (
    DecisionWords,
    Fact,
    Field,
    Flag,
    Number,
    Value,
)

ATOMS = st.sampled_from(
    [
        "rep_free",
        "knows_rep",
        "visitor is OLD",
        "VIP is visitor",
        "visitor is not NEW",
        "visitor in (NEW, VIP)",
        "visitor not in (OLD, VIP)",
        "visitor in params.guests",
        "visitor is params.favourite",
        "params.strict",
        "params.host is REP",
        "params.host in (REP, MANAGER)",
        "params.patience > params.grace",
    ]
)
NUMBERS = st.sampled_from(
    ["0", "7", "20", "119", "120", "params.patience", "params.patience + params.grace - 2"]
)
COMPARISONS = st.builds(
    "waited {} {}".format, st.sampled_from(["<", "<=", ">", ">=", "is", "is not"]), NUMBERS
)
LINES = st.recursive(
    ATOMS | COMPARISONS,
    lambda part: (
        st.builds("not ({})".format, part)
        | st.builds("({}) and ({})".format, part, part)
        | st.builds("({}) or ({})".format, part, part)
    ),
    max_leaves=6,
)
OUTCOMES = st.fixed_dictionaries(
    {"who": st.sampled_from(["REP", "MANAGER", "params.host"])},
    optional={
        "minutes": st.sampled_from([0, 5, 60, "params.grace", "params.grace + 1"]),
        "drink": st.sampled_from(["NONE", "TEA"]),
    },
)
RULES = st.lists(st.tuples(st.lists(LINES, max_size=3), OUTCOMES), max_size=6)
PARAMETERS = st.fixed_dictionaries(
    {
        "patience": st.integers(0, 60),
        "grace": st.integers(0, 30),
        "strict": st.booleans(),
        "host": st.sampled_from(["REP", "MANAGER"]),
        "guests": st.lists(st.sampled_from(["OLD", "VIP"]), unique=True),
    }
)

# Facts of the desk: its axiom keeps new visitors from knowing a rep.
FACTS = st.fixed_dictionaries(
    {
        "visitor": st.sampled_from(["NEW", "OLD", "VIP"]),
        "rep_free": st.booleans(),
        "knows_rep": st.booleans(),
        "waited": st.integers(0, 120),
    }
).filter(lambda facts: facts["visitor"] != "NEW" or not facts["knows_rep"])


def every_fact(document: Document) -> list[dict]:
    """Return all facts that the numbers of such a document can tell apart."""
    patience, grace = (int(document.params[name].value.raw) for name in ("patience", "grace"))
    asked = (0, 7, 20, 119, 120, patience, patience + grace - 2)
    numbers = sorted({n + step for n in asked for step in (-1, 0, 1) if 0 <= n + step <= 120})
    return [
        {"visitor": visitor, "rep_free": free, "knows_rep": knows, "waited": waited}
        for visitor, free, knows, waited in product(
            ("NEW", "OLD", "VIP"), (False, True), (False, True), numbers
        )
        if visitor != "NEW" or not knows
    ]


def desk_of(rules: list, parameters: dict, tests: list | None = None) -> Document:
    """Return a document with rules of lines and outcomes, and its parameters at these values."""
    plain = the_desk().to_json()
    plain["params"]["favourite"] = {"value": "VIP", "words": ["OLD", "VIP"], "source": "一"}
    for name, value in parameters.items():
        plain["params"][name]["value"] = value
    says = plain["decisions"]["greet"]["otherwise"]["says"]
    plain["decisions"]["greet"]["rules"] = [
        {"id": f"R-{n}", "source": "一", "says": says, "when": when, "then": then}
        for n, (when, then) in enumerate(rules)
    ]
    plain["tests"] = tests or []
    return from_json(plain)


def values_of(fact: Fact) -> st.SearchStrategy[Value]:
    """Values of a fact, small numbers more often."""
    if isinstance(fact.kind, Flag):
        return st.booleans()
    if isinstance(fact.kind, Number):
        few = st.integers(fact.kind.least, min(fact.kind.least + 15, fact.kind.most))
        return few | st.integers(fact.kind.least, fact.kind.most)
    return st.sampled_from(fact.kind.words)


def facts_of(words: DecisionWords) -> st.SearchStrategy[dict[str, Value]]:
    """Facts of a decision, whether they can come together or not."""
    return st.fixed_dictionaries({fact.name: values_of(fact) for fact in words.facts})


def _atoms(fact: Fact) -> st.SearchStrategy[str]:
    if isinstance(fact.kind, Flag):
        return st.sampled_from([fact.name, f"not {fact.name}"])
    if isinstance(fact.kind, Number):
        relations = st.sampled_from(["<", "<=", ">", ">=", "is"])
        return st.builds("{} {} {}".format, st.just(fact.name), relations, values_of(fact))
    some = st.lists(st.sampled_from(fact.kind.words), min_size=1, unique=True).map(", ".join)
    return some.map(lambda listed: f"{fact.name} in ({listed})")


def _outcomes(field: Field) -> st.SearchStrategy[Value]:
    if isinstance(field.kind, Number):
        return st.integers(field.kind.least, field.kind.most)
    return st.sampled_from(field.kind.words)


@st.composite
def rewritten(draw: st.DrawFn, shipped: Document, words: DecisionWords) -> Document:
    """A shipped document in which one decision has rules that nobody thought of."""
    atoms = st.one_of(*(_atoms(fact) for fact in words.facts))
    lines = atoms | st.builds("not ({} and {})".format, atoms, atoms)
    lines |= st.builds("{} or {}".format, atoms, atoms)
    then = st.fixed_dictionaries({field.name: _outcomes(field) for field in words.fields})
    plain = shipped.to_json()
    model = plain["decisions"][words.name]["otherwise"]
    rules = draw(st.lists(st.tuples(st.lists(lines, max_size=4), then), max_size=8))
    plain["decisions"][words.name] = {
        "rules": [
            {**model, "id": f"R-{n}", "says": SAID, "when": when, "then": outcome}
            for n, (when, outcome) in enumerate(rules)
        ],
        "otherwise": {**model, "id": "R-otherwise", "says": SAID, "then": draw(then)},
    }
    plain["tests"] = []
    return from_json(plain)


SAID = {"en": "So it is.", "zh-Hant": "如此。", "zh-Hans": "如此。"}
DOCUMENTS = st.builds(desk_of, RULES, PARAMETERS)
