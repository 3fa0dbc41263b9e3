"""What may be stored as policy; and what a hostile admin of a tenant gets for his trouble."""

from uuid import UUID

import pytest

from service.errors import sentence
from service.policies.access import (
    Domain,
    Holding,
    PolicyBroken,
    PolicyRow,
    Record,
    check_duty_code,
    check_policy,
    check_role_code,
    check_roles,
    check_row,
    compile_tenant,
)
from service.policies.access.rows import MOST_ROLES, MOST_ROWS, limit_of

GOOD = ("d:discount-approval", "deal", "record", "territory", "discount_bp<=300", "allow")
OTHER_TENANT = str(UUID(int=2))
HOSTILE = [
    "d:",
    "x",
    "d:a,b",
    'd:"a"',
    "d:*",
    "d:a\n",
    "d:a b",
    "d:職責",
    "d:É",
    "r:rep",
    "*d:x",
    "d:" + "a" * 10_000,
    f"d:x, {OTHER_TENANT}, deal, view, tenant, -, allow",
    "d:x' OR 1=1 --",
]


def altered(**parts: object) -> PolicyRow:
    names = ("duty", "object", "action", "scope", "limit", "effect")
    return PolicyRow(**{**dict(zip(names, GOOD, strict=True)), **parts})


def codes(row: PolicyRow) -> list[tuple[str, str]]:
    return [(problem.code, problem.field[0]) for problem in check_row(row)]


def test_a_row_of_known_words_may_be_stored():
    assert check_row(PolicyRow(*GOOD)) == ()
    assert check_row(PolicyRow("*", "deal", "record", "requested", "-", "deny")) == ()
    assert check_row(PolicyRow("d:x", "party", "view.phone", "own")) == ()
    assert limit_of(PolicyRow(*GOOD)) == ("discount_bp", 300)


@pytest.mark.parametrize(
    ("parts", "code", "field"),
    [
        ({"object": "lead", "limit": "-"}, "ACTION_UNKNOWN", "action"),
        ({"action": "destroy"}, "ACTION_UNKNOWN", "action"),
        ({"action": "*"}, "ACTION_UNKNOWN", "action"),
        ({"object": "party.view", "action": "phone", "limit": "-"}, "ACTION_UNKNOWN", "action"),
        ({"object": "tenant", "action": "suspend", "limit": "-"}, "ACTION_UNKNOWN", "action"),
        ({"scope": "Own"}, "SCOPE_UNKNOWN", "scope"),
        ({"scope": "r.rec.owner == 1"}, "SCOPE_UNKNOWN", "scope"),
        ({"effect": "alow"}, "EFFECT_UNKNOWN", "effect"),
        ({"limit": "discount_bp<300"}, "LIMIT_UNREADABLE", "limit"),
        ({"limit": "discount_bp<=-1"}, "LIMIT_UNREADABLE", "limit"),
        ({"limit": "discount_bp<=007"}, "LIMIT_UNREADABLE", "limit"),
        ({"limit": "discount_bp<=٣"}, "LIMIT_UNREADABLE", "limit"),
        ({"limit": "discount_bp<=" + "9" * 19}, "LIMIT_UNREADABLE", "limit"),
        ({"limit": "discount_bp<=300 or True"}, "LIMIT_UNREADABLE", "limit"),
        ({"limit": "weight<=300"}, "LIMIT_FIELD_UNKNOWN", "limit"),
        ({"object": "visit"}, "LIMIT_FIELD_UNKNOWN", "limit"),
        ({"effect": "deny"}, "LIMIT_ON_DENY", "limit"),
        ({"scope": "requested"}, "REQUESTED_ONLY_DENIES", "scope"),
    ],
)
def test_every_part_is_held_against_the_closed_vocabulary(parts, code, field):
    assert codes(altered(**parts)) == [(code, field)]


def test_everyone_may_only_be_bound_by_four_eyes():
    everyone = ("EVERYONE_ONLY_FOUR_EYES", "duty")

    assert codes(altered(duty="*")) == [everyone]
    assert codes(altered(duty="*", limit="-", effect="deny")) == [everyone]


@pytest.mark.parametrize("part", ["duty", "object", "action", "scope", "limit", "effect"])
@pytest.mark.parametrize("missing", [None, "", 300])
def test_a_short_row_is_refused_before_it_is_an_outage(part, missing):
    assert codes(altered(**{part: missing})) == [("POLICY_ROW_INCOMPLETE", part)]


def test_all_faults_of_a_row_are_told_together():
    found = codes(PolicyRow("x", "y", "z", "everywhere", "any", "maybe"))

    assert [code for code, _ in found] == [
        "DUTY_CODE_INVALID",
        "ACTION_UNKNOWN",
        "SCOPE_UNKNOWN",
        "EFFECT_UNKNOWN",
        "LIMIT_UNREADABLE",
    ]


def test_the_operators_rows_are_checked_against_their_own_domain():
    assert check_row(PolicyRow("d:x", "tenant", "suspend", "tenant"), Domain.PLATFORM) == ()
    assert check_row(PolicyRow("d:x", "deal", "view", "tenant"), Domain.PLATFORM) != ()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_code_is_refused_and_never_shown_whole(name):
    (problem,) = check_duty_code(name)

    for locale in ("en", "zh-Hant", "zh-Hans"):
        said = sentence(problem, locale)
        assert len(said) < 200
        assert said.isprintable()
    assert check_role_code(name) or name == "r:rep"
    with pytest.raises(PolicyBroken, match="DUTY_CODE_INVALID"):
        compile_tenant(UUID(int=1), 1, rows=[altered(duty=name)], role_duties={})
    with pytest.raises(PolicyBroken, match="DUTY_CODE_INVALID"):
        compile_tenant(UUID(int=1), 1, rows=[], role_duties={"r:rep": [name]})


def test_a_role_cannot_be_called_like_a_duty():
    (problem,) = check_role_code("d:discount-approval")

    assert problem.code == "ROLE_CODE_INVALID"


@pytest.mark.parametrize(
    "includes",
    [
        {"r:a": ["r:a"]},
        {"r:a": ["r:b"], "r:b": ["r:a"]},
        {"r:top": ["r:a"], "r:a": ["r:b"], "r:b": ["r:c"], "r:c": ["r:a"]},
    ],
)
def test_roles_in_a_circle_are_refused_with_the_circle_named(includes):
    (problem,) = check_roles({}, includes)

    assert problem.code == "ROLE_INCLUDES_ITSELF"
    assert problem.roles.startswith("r:a → ")
    assert problem.roles.endswith("r:a")
    with pytest.raises(PolicyBroken, match="ROLE_INCLUDES_ITSELF"):
        compile_tenant(UUID(int=1), 1, rows=[], role_duties={}, role_includes=includes)


def test_a_role_may_include_two_that_share_a_third():
    includes = {"r:a": ["r:b", "r:c"], "r:b": ["r:d"], "r:c": ["r:d"], "r:d": ["r:unknown"]}

    assert check_roles({"r:d": ["d:x"]}, includes) == ()


def test_codes_of_included_roles_are_checked_too():
    (problem,) = check_roles({}, {"r:a": ["d:b"]})

    assert problem.code == "ROLE_CODE_INVALID"


def test_trees_in_a_circle_are_refused():
    one, two, three = (UUID(int=number) for number in (1, 2, 3))
    circle = {one: two, two: one, three: None}

    with pytest.raises(PolicyBroken) as caught:
        compile_tenant(
            UUID(int=1), 1, rows=[], role_duties={}, org_parents=circle, territory_parents=circle
        )

    found = [(problem.code, problem.tree) for problem in caught.value.problems]
    assert found == [
        ("TREE_GOES_IN_CIRCLES", "org units"),
        ("TREE_GOES_IN_CIRCLES", "territories"),
    ]


def test_a_policy_has_an_end():
    too_many_roles = {f"r:{number}": ["d:x"] for number in range(MOST_ROLES + 1)}
    too_many_rows = [PolicyRow(*GOOD)] * (MOST_ROWS + 1)

    assert [problem.code for problem in check_roles(too_many_roles, {})] == ["POLICY_TOO_LARGE"]
    assert [p.code for p in check_policy(too_many_rows, {}, {})] == ["POLICY_TOO_LARGE"]


def test_wordings_of_any_shape_stay_words(showroom):
    rude = 'x"*,' + OTHER_TENANT + "{duty}{0}\u202e\n" + "字" * 10_000
    compiled = compile_tenant(
        showroom.tenant,
        1,
        rows=[PolicyRow("d:reception", "visit", "view", "own")],
        role_duties=showroom.roles,
        duty_wordings={"d:reception": {"en": rude}},
        role_wordings={"r:rep": {"en": rude}},
    )

    rep = showroom.actor(Holding("r:rep"))
    told = compiled.explain(rep, "visit.view", Record(showroom.wang), "en")
    assert told.allowed
    assert "{duty}{0}" in told.sentence
    assert told.sentence.isprintable()
    assert len(told.sentence) < 300


@pytest.mark.parametrize(
    ("changes", "suggestion"),
    [
        ({"object": "visit", "action": "veiw", "limit": "-"}, "visit.view"),
        ({"scope": "Own"}, "own"),
        ({"scope": "teritory"}, "territory"),
        ({"object": "unidentified_flying_object", "limit": "-"}, ""),
    ],
)
def test_a_misspelt_word_is_answered_with_the_one_meant(changes, suggestion):
    (problem,) = check_row(altered(**changes))

    assert problem.suggestion == suggestion
    assert (f"Did you mean “{suggestion}”?" in sentence(problem, "en")) is bool(suggestion)
