"""Casbin as we use it: every trap that a prototype fell into is shut."""

from uuid import UUID

import casbin
import pytest

from service.policies.access import (
    Actor,
    Holding,
    PolicyBroken,
    PolicyRow,
    PycasbinInstalled,
    Record,
    compile_tenant,
    operator,
    refuse_pycasbin,
)
from service.policies.access import platform as operators
from service.policies.access.reference import (
    ClosureRoleManager,
    LineRefused,
    Reference,
    TenantPolicy,
    build_enforcer,
    domain_of,
    within_limit,
)
from service.policies.access.roles import RoleCycle
from service.policies.access.subjects import PLATFORM_ID

VIEW = "follow_up.view"
ONE, SIXTEEN = UUID(int=1), UUID(int=16)
LINE = ("p", "d:x", str(ONE), "follow_up", "view", "tenant", "-", "allow")


def sees(scope: str = "tenant", effect: str = "allow") -> PolicyRow:
    return PolicyRow("d:x", "follow_up", "view", scope, effect=effect)


def both_allow(rows, actor, roles=None, includes=None) -> bool:
    """Ask Casbin and the table, which must agree, about a record of nobody's."""
    roles = {"r:rep": ["d:x"]} if roles is None else roles
    reference = Reference([TenantPolicy(ONE, rows, roles, includes or {})])
    compiled = compile_tenant(ONE, 1, rows=rows, role_duties=roles, role_includes=includes or {})
    asked = reference.allows(actor, VIEW, Record())
    assert compiled.check(actor, VIEW, Record()).allowed is asked
    return asked


def test_an_empty_policy_denies_even_empty_questions():
    reference = Reference([TenantPolicy(ONE, [], {})])
    rep = Actor(ONE, UUID(int=3), (Holding("r:rep"), Holding("")))

    assert not both_allow([], rep, roles={})
    assert not reference.allows(rep, "", Record())
    # The stock matcher compares "" with "" and lets everybody in.
    assert not reference.enforcer.enforce("", "", "", "", "")


@pytest.mark.parametrize("effect", ["alow", "Deny", "", "allow "])
def test_a_misspelt_effect_is_not_ignored(effect):
    with pytest.raises(PolicyBroken):
        compile_tenant(ONE, 1, rows=[sees(effect=effect)], role_duties={})


def test_a_short_line_stops_the_loading_and_not_every_question_after_it():
    with pytest.raises(LineRefused, match="6 values"):
        build_enforcer(ClosureRoleManager(), [LINE, LINE[:-1]])
    with pytest.raises(LineRefused):
        build_enforcer(ClosureRoleManager(), [("g", "r:rep", "d:x")])


def test_a_policy_line_of_an_unknown_type_is_not_dropped():
    with pytest.raises(LineRefused, match="'p2'"):
        build_enforcer(ClosureRoleManager(), [("p2", *LINE[1:])])


def test_role_cycles_are_refused_at_the_link_that_closes_them():
    roles = ClosureRoleManager()
    roles.add_link("r:a", "r:b", "t")
    roles.add_link("r:b", "r:c", "t")

    for name, role in (("r:c", "r:a"), ("r:b", "r:a"), ("r:a", "r:a")):
        with pytest.raises(RoleCycle):
            roles.add_link(name, role, "t")
    roles.add_link("r:c", "r:a", "another tenant")


def test_chains_of_any_length_are_followed_whatever_the_order_of_links():
    chain = [f"r:{step}" for step in range(60)]
    includes = dict(zip(chain, ([role] for role in chain[1:]), strict=False))
    backwards = dict(reversed(includes.items()))
    first = Actor(ONE, UUID(int=3), (Holding("r:0"),))

    for links in (includes, backwards):
        assert both_allow([sees()], first, {"r:59": ["d:x"]}, links)
    middle_last = {**{r: includes[r] for r in chain[30:59]}, **{r: includes[r] for r in chain[:30]}}
    assert both_allow([sees()], first, {"r:59": ["d:x"]}, middle_last)


def test_the_domain_of_a_tenant_is_no_pattern():
    stranger = Actor(SIXTEEN, UUID(int=3), (Holding("r:rep"),))
    policies = [
        TenantPolicy(ONE, [sees()], {"r:rep": ["d:x"]}),
        TenantPolicy(SIXTEEN, [], {"r:rep": ["d:x"]}),
    ]
    enforcer = build_enforcer(
        ClosureRoleManager(), [("p", "d:x", "0000*", *LINE[3:]), ("p", "d:x", "*", *LINE[3:])]
    )
    enforcer.fm.add_function("inScope", lambda *_: True)
    enforcer.fm.add_function("withinLimit", lambda *_: True)

    assert not Reference(policies).allows(stranger, VIEW, Record())
    assert not enforcer.enforce("actor", str(ONE), "follow_up", "view", "record")


def test_rule_text_in_a_row_is_text():
    text = "tenant) || true || inScope(r.actor, p.duty, p.dom, p.scope, r.rec"
    rows = [PolicyRow("d:x", "follow_up", "view", text, text)]
    reference = Reference([TenantPolicy(ONE, rows, {"r:rep": ["d:x"]})])

    assert not reference.allows(Actor(ONE, ONE, (Holding("r:rep"),)), VIEW, Record())


def test_the_matcher_uses_no_patterns_and_evaluates_no_text():
    matcher = Reference([]).enforcer.get_model()["m"]["m"].value

    assert matcher.startswith("r_dom == p_dom && r_obj == p_obj && r_act == p_act &&")
    for word in ("eval", "keyMatch", "regexMatch", "globMatch"):
        assert word not in matcher


def test_whoever_is_called_like_a_duty_does_not_hold_it():
    named_like_it = Actor(ONE, UUID(int=3), (Holding("d:x"),))

    assert not both_allow([sees()], named_like_it)
    assert not ClosureRoleManager().has_link("r:rep", "r:rep", "t")


def test_names_with_commas_stay_whole():
    rows = [PolicyRow("d:x,y", "follow_up", "view", "tenant")]
    reference = Reference([TenantPolicy(ONE, rows, {"r:a,b": ["d:x,y"]})])

    assert reference.allows(Actor(ONE, ONE, (Holding("r:a,b"),)), VIEW, Record())
    assert not reference.allows(Actor(ONE, ONE, (Holding("r:a"),)), VIEW, Record())


def test_questions_about_unknown_names_leave_no_trace():
    reference = Reference([TenantPolicy(ONE, [sees()], {"r:rep": ["d:x"]})])
    before = dict(vars(reference.roles))
    sizes = {name: len(links) for name, links in before.items()}

    for number in range(100):
        unknown = Actor(ONE, ONE, (Holding(f"r:{number}"),))
        assert not reference.allows(unknown, VIEW, Record())

    assert {name: len(links) for name, links in vars(reference.roles).items()} == sizes


def test_the_enforcer_loads_what_it_was_built_from_and_nothing_later():
    enforcer = Reference([TenantPolicy(ONE, [sees()], {"r:rep": ["d:x"]})]).enforcer

    assert isinstance(enforcer, casbin.Enforcer)
    assert enforcer.get_adapter() is None
    assert enforcer.get_model()["p"]["p"].policy == [list(LINE[1:])]


def test_an_operator_is_judged_in_the_domain_of_the_platform():
    table = operators.platform_table()
    rows = [PolicyRow("d:operate-tenants", "tenant", "suspend", "tenant")]
    roles = {"r:operator": ["d:operate-tenants"]}
    reference = Reference([TenantPolicy(PLATFORM_ID, rows, roles)])

    assert domain_of(PLATFORM_ID) == "platform"
    for action in ("tenant.suspend", VIEW):
        asked = reference.allows(operator(ONE), action, Record())
        assert asked is table.check(operator(ONE), action, Record()).allowed


@pytest.mark.parametrize(
    ("limit", "figures", "kept"),
    [
        ("-", {}, True),
        ("discount_bp<=3", {"discount_bp": 3}, True),
        ("discount_bp<=3", {"discount_bp": 4}, False),
        ("discount_bp<=3", {}, False),
        ("discount_bp<3", {"discount_bp": 1}, False),
        ("", {}, False),
    ],
)
def test_a_limit_is_a_closed_form_and_a_missing_value_fails(limit, figures, kept):
    assert within_limit(limit, Record(figures=figures)) is kept


@pytest.mark.parametrize(
    ("row", "record", "allowed"),
    [
        (sees("own"), Record(), False),
        (sees("own"), Record(UUID(int=3)), True),
        (sees("team"), Record(None, UUID(int=8)), True),
        (sees("team"), Record(None, None, UUID(int=9)), False),
        (sees("territory"), Record(None, None, UUID(int=9)), True),
        (sees("everywhere"), Record(UUID(int=3), UUID(int=8), UUID(int=9)), False),
    ],
)
def test_casbin_asks_our_functions_how_far_a_row_reaches(row, record, allowed):
    reference = Reference([TenantPolicy(ONE, [row], {"r:rep": ["d:x"]})])
    rep = Actor(ONE, UUID(int=3), (Holding("r:rep", UUID(int=8), UUID(int=9)),))

    assert reference.allows(rep, VIEW, record) is allowed


@pytest.mark.parametrize(
    "forbids",
    [PolicyRow("*", "follow_up", "view", "requested", effect="deny"), sees("requested", "deny")],
)
def test_casbin_denies_what_oneself_or_an_absent_colleague_requested(forbids):
    reference = Reference([TenantPolicy(ONE, [sees(), forbids], {"r:rep": ["d:x"]})])
    stands_in = Holding("r:rep", acts_as=UUID(int=4), commands=frozenset({"visit.view"}))
    rep = Actor(ONE, UUID(int=3), (Holding("r:rep"), stands_in))

    for requester, allowed in ((3, False), (4, False), (5, True)):
        asked = reference.allows(rep, VIEW, Record(requester_id=UUID(int=requester)))
        assert asked is allowed
    assert reference.allows(rep, VIEW, Record())


def test_pycasbin_beside_casbin_refuses_the_start(monkeypatch):
    refuse_pycasbin()

    monkeypatch.setattr("service.policies.access.installation.version", lambda _: "2.8.0")
    with pytest.raises(PycasbinInstalled, match=r"casbin 2\.8\.0 and pycasbin 2\.8\.0"):
        refuse_pycasbin()
