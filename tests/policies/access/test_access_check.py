"""What the compiled table answers for one record."""

from dataclasses import FrozenInstanceError
from uuid import UUID
from weakref import ref

import pytest

from service.policies.access import (
    PLATFORM_ID,
    Actor,
    Holding,
    PolicyBroken,
    PolicyRow,
    Record,
    compile_alike,
    compile_tenant,
    operator,
    platform_table,
)

VIEW = "follow_up.view"
FOUR_EYES = PolicyRow("*", "deal", "record", "requested", effect="deny")


def sees(scope: str, duty: str = "d:supervision") -> PolicyRow:
    return PolicyRow(duty, "follow_up", "view", scope)


def test_without_rows_nobody_may_do_anything(showroom):
    compiled = showroom.compiled()
    wang = showroom.actor(Holding("r:director", showroom.company, showroom.china))

    assert not compiled.check(wang, VIEW, Record(owner_id=showroom.wang))
    assert not compiled.check(wang, "", Record())
    assert not compiled.check(wang, VIEW, None)
    assert not compiled.holds(wang, VIEW)


@pytest.mark.parametrize(
    ("scope", "reached"),
    [
        ("own", {"own"}),
        ("team", {"own", "team"}),
        ("territory", {"own", "team", "territory"}),
        ("tenant", {"own", "team", "territory", "beside", "nowhere"}),
    ],
)
def test_each_scope_includes_the_narrower_ones_and_ends_at_its_edge(showroom, scope, reached):
    compiled = showroom.compiled(sees(scope))
    wang = showroom.actor(Holding("r:manager", showroom.north, showroom.huating))
    records = {
        "own": Record(showroom.wang),
        "team": Record(showroom.li, showroom.site),
        "territory": Record(showroom.li, showroom.south, showroom.huating),
        "beside": Record(showroom.li, showroom.company, showroom.china),
        "nowhere": Record(),
    }

    assert {name for name, one in records.items() if compiled.check(wang, VIEW, one)} == reached


def test_a_role_held_nowhere_reaches_no_team_and_no_territory(showroom):
    compiled = showroom.compiled(sees("territory"))
    wang = showroom.actor(Holding("r:manager"))

    assert not compiled.check(wang, VIEW, Record(None, showroom.site, showroom.huating))
    assert compiled.check(wang, VIEW, Record(showroom.wang))


def test_a_unit_the_table_does_not_know_yet_is_its_own_team_only(showroom):
    new = UUID(int=99)
    compiled = showroom.compiled(sees("team"))
    wang = showroom.actor(Holding("r:manager", new))

    assert compiled.check(wang, VIEW, Record(None, new))
    assert not compiled.check(wang, VIEW, Record(None, showroom.site))


def test_several_positions_add_up_each_with_its_own_scope(showroom):
    compiled = showroom.compiled(sees("team"), sees("own", "d:reception"))
    wang = showroom.actor(Holding("r:rep", showroom.south), Holding("r:manager", showroom.site))

    assert compiled.check(wang, VIEW, Record(showroom.li, showroom.site)).grant.role == "r:manager"
    assert not compiled.check(wang, VIEW, Record(showroom.li, showroom.south))


def test_an_included_role_gives_its_duties_through_fifty_links(showroom):
    chain = {f"r:step-{step}": [f"r:step-{step + 1}"] for step in range(50)}
    compiled = showroom.compiled(
        sees("own", "d:reception"), includes={**chain, "r:step-50": ["r:rep"]}
    )
    wang = showroom.actor(Holding("r:step-0"))

    assert compiled.check(wang, VIEW, Record(showroom.wang)).grant.duty == "d:reception"


def test_an_unknown_role_gives_nothing(showroom):
    compiled = showroom.compiled(sees("tenant"))

    assert not compiled.check(showroom.actor(Holding("r:nobody")), VIEW, Record())
    assert not compiled.check(showroom.actor(Holding("d:supervision")), VIEW, Record())


@pytest.mark.parametrize(
    ("figures", "allowed"),
    [({"discount_bp": 300}, True), ({"discount_bp": 301}, False), ({}, False)],
)
def test_a_limit_holds_up_to_its_figure_and_fails_without_one(showroom, figures, allowed):
    row = PolicyRow("d:supervision", "deal", "record", "tenant", "discount_bp<=300")
    compiled = showroom.compiled(row)
    wang = showroom.actor(Holding("r:manager"))

    assert bool(compiled.check(wang, "deal.record", Record(figures=figures))) is allowed
    assert compiled.holds(wang, "deal.record")


def test_nobody_decides_what_he_or_anyone_he_stands_in_for_requested(showroom):
    allow = PolicyRow("d:supervision", "deal", "record", "tenant")
    compiled = showroom.compiled(allow, FOUR_EYES)
    stands_in = Holding("r:rep", acts_as=showroom.li, commands=frozenset({VIEW}))
    wang = showroom.actor(Holding("r:manager"), stands_in)

    refused = compiled.check(wang, "deal.record", Record(requester_id=showroom.wang))
    assert not refused
    assert refused.grant.duty == "*"
    assert not compiled.check(wang, "deal.record", Record(requester_id=showroom.li))
    assert compiled.check(wang, "deal.record", Record(requester_id=showroom.chen))
    assert compiled.check(wang, "deal.record", Record(requester_id=None))


def test_a_deny_outweighs_every_allow_within_its_scope(showroom):
    deny = PolicyRow("d:reception", "follow_up", "view", "team", effect="deny")
    compiled = showroom.compiled(sees("tenant"), deny)
    both = showroom.actor(Holding("r:manager"), Holding("r:rep", showroom.north))

    refused = compiled.check(both, VIEW, Record(showroom.li, showroom.site))
    assert not refused
    assert refused.grant.duty == "d:reception"
    assert compiled.check(both, VIEW, Record(showroom.li, showroom.south))
    assert compiled.holds(both, VIEW)


def test_a_duty_may_forbid_what_its_holder_requested(showroom):
    deny = PolicyRow("d:reception", "follow_up", "view", "requested", effect="deny")
    compiled = showroom.compiled(sees("tenant"), deny)
    both = showroom.actor(Holding("r:manager"), Holding("r:rep"))

    assert not compiled.check(both, VIEW, Record(requester_id=showroom.wang))
    assert compiled.check(both, VIEW, Record(requester_id=showroom.li))


def test_a_delegate_has_the_absent_members_scope_for_the_listed_commands_only(showroom):
    compiled = showroom.compiled(sees("own"), PolicyRow("d:supervision", "visit", "view", "tenant"))
    stands_in = Holding("r:manager", acts_as=showroom.li, commands=frozenset({VIEW}))
    wang = showroom.actor(stands_in)

    verdict = compiled.check(wang, VIEW, Record(owner_id=showroom.li))
    assert verdict
    assert verdict.acts_as == showroom.li
    assert not compiled.check(wang, VIEW, Record(owner_id=showroom.wang))
    assert not compiled.check(wang, "visit.view", Record())
    assert not compiled.holds(wang, "visit.view")


def test_a_right_of_ones_own_is_used_before_a_delegated_one(showroom):
    compiled = showroom.compiled(sees("tenant"))
    stands_in = Holding("r:manager", acts_as=showroom.li, commands=frozenset({VIEW}))
    own = Holding("r:manager")

    for holdings in ((stands_in, own), (own, stands_in)):
        actor = showroom.actor(*holdings)
        assert compiled.check(actor, VIEW, Record()).acts_as is None
        assert compiled.check(actor, VIEW).acts_as is None
    only = showroom.actor(stands_in, stands_in)
    assert compiled.check(only, VIEW, Record()).acts_as == showroom.li
    assert compiled.check(only, VIEW).acts_as == showroom.li


def test_a_company_wide_prohibition_leaves_the_action_nowhere(showroom):
    deny = PolicyRow("d:reception", "follow_up", "view", "tenant", effect="deny")
    compiled = showroom.compiled(sees("tenant"), deny)
    both = showroom.actor(Holding("r:manager"), Holding("r:rep"))

    assert not compiled.holds(both, VIEW)
    assert compiled.check(both, VIEW).grant.duty == "d:reception"


def test_another_tenants_member_is_nobody_here(showroom):
    compiled = showroom.compiled(
        sees("tenant"), PolicyRow("d:supervision", "deal", "record", "tenant"), FOUR_EYES
    )
    stranger = showroom.actor(Holding("r:manager", showroom.north), tenant=UUID(int=2))

    assert compiled.check(stranger, VIEW, Record()).grant is None
    four_eyes = compiled.check(stranger, "deal.record", Record(requester_id=showroom.wang))
    assert four_eyes.grant is None
    assert not compiled.holds(stranger, VIEW)


def test_allowed_actions_are_those_of_the_object_in_the_order_of_the_vocabulary(showroom):
    compiled = showroom.compiled(
        PolicyRow("d:reception", "follow_up", "correct", "own"),
        PolicyRow("d:reception", "follow_up", "view", "own"),
        PolicyRow("d:reception", "visit", "view", "own"),
    )
    rep = showroom.actor(Holding("r:rep"))

    mine, others = Record(owner_id=showroom.wang), Record(owner_id=showroom.li)
    assert compiled.allowed_actions(rep, mine, "follow_up") == (VIEW, "follow_up.correct")
    assert compiled.allowed_actions(rep, others, "follow_up") == ()
    assert compiled.allowed_actions(rep, mine, "no such object") == ()


def test_an_operator_manages_tenants_and_holds_nothing_in_any(showroom):
    someone = operator(showroom.chen)
    compiled = showroom.compiled(PolicyRow("d:direction", "tenant", "view", "tenant"))

    assert platform_table().allowed_actions(someone, Record(), "tenant") == (
        "tenant.view",
        "tenant.create",
        "tenant.suspend",
        "tenant.resume",
        "tenant.restrict",
        "tenant.admit",
    )
    assert not platform_table().holds(someone, VIEW)
    assert not compiled.holds(someone, "tenant.view")
    director = showroom.actor(Holding("r:director"))
    assert compiled.allowed_actions(director, Record(), "tenant") == ("tenant.view",)
    assert not platform_table().holds(Actor(showroom.tenant, showroom.wang), "tenant.view")


def test_a_tenant_cannot_hold_a_right_of_the_platform():
    row = PolicyRow("d:x", "tenant", "suspend", "tenant")

    with pytest.raises(PolicyBroken, match="ACTION_UNKNOWN"):
        compile_tenant(UUID(int=5), 1, rows=[row], role_duties={})
    assert compile_tenant(PLATFORM_ID, 1, rows=[row], role_duties={}).by_action


def test_what_is_compiled_does_not_change_with_what_it_was_compiled_from(showroom):
    words = {"en": "Before"}
    roles = {"r:rep": ["d:reception"]}
    rows = [sees("tenant", "d:reception")]
    compiled = compile_tenant(
        showroom.tenant, 1, rows=rows, role_duties=roles, duty_wordings={"d:reception": words}
    )

    words["en"] = "After"
    rows.clear()
    roles["r:rep"].clear()

    assert compiled.holds(showroom.actor(Holding("r:rep")), VIEW)
    assert compiled.duty_wordings["d:reception"]["en"] == "Before"
    with pytest.raises(FrozenInstanceError):
        compiled.version = 2
    with pytest.raises(TypeError):
        compiled.by_role["r:rep", VIEW] = None


@pytest.mark.parametrize("half", [{"acts_as": UUID(int=3)}, {"commands": frozenset()}])
def test_a_delegation_names_the_absent_member_and_the_commands(half):
    with pytest.raises(ValueError, match="both"):
        Holding("r:rep", **half)


def test_what_tenants_share_is_found_as_long_as_one_of_them_has_it(showroom):
    """The first changes or is forgotten; who comes later shares with it all the same."""
    first = showroom.compiled(sees("team"))
    found = ref(first)
    second = compile_alike(first, UUID(int=2), 1, org_parents={}, territory_parents={})
    third = compile_alike(second, UUID(int=3), 1, org_parents={}, territory_parents={})

    del first, second
    assert found() is third.like
    assert found().by_role is third.by_role

    del third
    assert found() is None
