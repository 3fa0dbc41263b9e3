from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.organisation.rules import (
    KEEPERS,
    Office,
    RolesTogether,
    circles,
    conflicts,
    locked_out,
    lost_keeper,
    taken_later,
)
from service.policies.access import Actor, CompiledTenant, Holding, PolicyRow, compile_tenant

TENANT, ANNA, BEN = UUID(int=1), UUID(int=2), UUID(int=3)


def test_a_role_with_both_duties_of_a_pair_is_found() -> None:
    found = conflicts({"clerk": ["cash", "sell"]}, {}, [("cash", "sell")], [])

    assert [(one.role, one.member, one.first, one.second) for one in found] == [
        ("clerk", None, "cash", "sell")
    ]


def test_a_pair_that_an_included_role_completes_is_found() -> None:
    found = conflicts(
        {"clerk": ["cash"], "rep": ["sell"]}, {"clerk": ["rep"]}, [("cash", "sell")], []
    )

    assert [one.role for one in found] == ["clerk"]


def test_two_roles_of_one_member_bring_a_pair_together() -> None:
    duties = {"clerk": ["cash"], "rep": ["sell"], "desk": ["greet"]}
    held = [RolesTogether("安娜", "clerk", "rep"), RolesTogether("本", "clerk", "desk")]

    found = conflicts(duties, {}, [("cash", "sell")], held)

    assert [(one.role, one.member) for one in found] == [(None, "安娜")]


def test_duties_of_two_included_roles_come_together_in_a_member() -> None:
    duties = {"a": ["cash"], "b": ["sell"]}
    includes = {"x": ["a"], "y": ["b"]}

    found = conflicts(duties, includes, [("cash", "sell")], [RolesTogether("安娜", "x", "y")])

    assert [one.member for one in found] == ["安娜"]


def a_policy(*actions: str, scope: str = "tenant", deny: tuple[str, str] | None = None) -> object:
    rows = [PolicyRow("d:x", *action.split("."), scope) for action in actions]
    if deny is not None:
        rows.append(PolicyRow("d:x", *deny[0].split("."), deny[1], effect="deny"))
    return compile_tenant(TENANT, 1, rows=rows, role_duties={"r:admin": ["d:x"]})


def test_one_person_who_has_them_all_keeps_the_company_open() -> None:
    actors = [Actor(TENANT, ANNA), Actor(TENANT, BEN, (Holding("r:admin"),))]

    assert lost_keeper(a_policy(*KEEPERS), actors) is None


def test_nobody_at_all_loses_the_first() -> None:
    assert lost_keeper(a_policy(*KEEPERS), []) == KEEPERS[0]


def test_the_one_action_nobody_has_with_the_others_is_named() -> None:
    actors = [Actor(TENANT, ANNA, (Holding("r:admin"),))]

    assert lost_keeper(a_policy("role.edit", "duty.edit"), actors) == "assignment.create"


def test_a_part_of_the_company_is_not_enough() -> None:
    actors = [Actor(TENANT, ANNA, (Holding("r:admin", org_unit_id=UUID(int=9)),))]

    assert lost_keeper(a_policy(*KEEPERS, scope="team"), actors) == KEEPERS[0]


@pytest.mark.parametrize("blind_to", ["role.view", "duty.view", "member.view", "assignment.view"])
def test_who_writes_what_he_cannot_see_keeps_nothing(blind_to: str) -> None:
    actors = [Actor(TENANT, ANNA, (Holding("r:admin"),))]
    seen = (action for action in KEEPERS if action != blind_to)

    assert lost_keeper(a_policy(*seen), actors) == blind_to


@pytest.mark.parametrize(
    ("scope", "lost"),
    [
        ("tenant", "assignment.end"),
        ("territory", "assignment.end"),
        ("team", "assignment.end"),
        ("own", None),
    ],
)
def test_a_prohibition_for_a_part_of_the_company_takes_it_away(
    scope: str, lost: str | None
) -> None:
    actors = [Actor(TENANT, ANNA, (Holding("r:admin"),))]

    assert lost_keeper(a_policy(*KEEPERS, deny=("assignment.end", scope)), actors) == lost


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=30)


def an_office(
    holding: Holding, who: UUID = ANNA, *, begins: datetime = NOON, ends: datetime | None = None
) -> Office:
    return Office(who, holding, begins, ends)


def a_policy_that_forbids(action: str) -> CompiledTenant:
    rows = [PolicyRow("d:x", *one.rsplit(".", 1), "tenant", "-", "allow") for one in KEEPERS]
    rows.append(PolicyRow("d:no", *action.rsplit(".", 1), "tenant", "-", "deny"))
    duties = {"r:admin": ["d:x"], "r:muzzled": ["d:no"]}
    return compile_tenant(TENANT, 1, rows=rows, role_duties=duties)


@given(
    begins=st.integers(-5, 30),
    lasts=st.none() | st.integers(1, 30),
    second=st.none() | st.tuples(st.integers(-5, 30), st.none() | st.integers(1, 30)),
)
def test_whoever_is_forbidden_from_some_instant_on_leaves_another_then_or_the_company_is_locked_out(
    begins: int, lasts: int | None, second: tuple[int, int | None] | None
) -> None:
    def span(start: int, length: int | None) -> dict[str, datetime | None]:
        from_day = NOON + timedelta(days=start)
        return {
            "begins": from_day,
            "ends": None if length is None else from_day + timedelta(days=length),
        }

    muzzled = an_office(Holding("r:muzzled"), **span(begins, lasts))
    offices = [an_office(Holding("r:admin")), muzzled]
    offices += [an_office(Holding("r:admin"), BEN, **span(*second))] if second else []

    # Every day is asked, not the boundaries alone.
    days = [NOON + timedelta(days=day) for day in range(100)]
    kept = all(
        not muzzled.counts(day) or any(one.counts(day) for one in offices[2:]) for day in days
    )
    found = locked_out(a_policy_that_forbids("role.view"), offices, NOON)
    assert found == (None if kept else "role.view")


def test_who_holds_it_only_until_a_day_hands_over_to_who_begins_on_it() -> None:
    first, policy = an_office(Holding("r:admin"), ends=LATER), a_policy(*KEEPERS)

    assert locked_out(policy, [first], NOON) == KEEPERS[0]
    assert (
        locked_out(policy, [first, an_office(Holding("r:admin"), BEN, begins=LATER)], NOON) is None
    )
    gap = LATER + timedelta(seconds=1)
    late = an_office(Holding("r:admin"), BEN, begins=gap)
    assert locked_out(policy, [first, late], NOON) == KEEPERS[0]
    unknown = replace(late, begins=LATER, signs_in=False)
    assert locked_out(policy, [first, unknown], NOON) == KEEPERS[0]


def test_what_a_stand_in_takes_over_forbids_him_and_keeps_nothing() -> None:
    listed = frozenset({*KEEPERS})
    admin, ends = an_office(Holding("r:admin")), LATER
    muzzle = Holding("r:muzzled", acts_as=BEN, commands=listed)
    policy = a_policy_that_forbids("duty.edit")

    muzzled = an_office(muzzle, begins=LATER - timedelta(days=1), ends=ends)
    assert locked_out(policy, [admin, muzzled], NOON) == "duty.edit"
    unlisted = replace(muzzle, commands=frozenset({"visit.view"}))
    assert locked_out(policy, [admin, replace(muzzled, holding=unlisted)], NOON) is None
    lent = an_office(Holding("r:admin", acts_as=BEN, commands=listed), ends=LATER)
    assert locked_out(policy, [lent], NOON) == KEEPERS[0]


def test_nobody_takes_it_from_himself_later_but_by_the_end_of_his_office() -> None:
    policy = a_policy_that_forbids("role.edit")
    admin = an_office(Holding("r:admin"))
    muzzle = an_office(Holding("r:muzzled"), begins=LATER)
    idle = compile_tenant(TENANT, 1, rows=[], role_duties={})

    assert taken_later(policy, policy, ([admin], [admin, muzzle]), NOON) == "role.edit"
    assert taken_later(policy, policy, ([admin, muzzle], [admin, muzzle]), NOON) is None
    harmless = a_policy(*KEEPERS)
    assert taken_later(harmless, policy, ([admin, muzzle], [admin, muzzle]), NOON) == "role.edit"
    ended = replace(admin, ends=LATER)
    assert taken_later(policy, policy, ([ended], [ended]), NOON) is None
    assert taken_later(idle, idle, ([admin], [admin]), NOON) is None


def test_a_node_cannot_come_below_itself() -> None:
    one, two, three = UUID(int=11), UUID(int=12), UUID(int=13)
    parents = {one: None, two: one, three: two}

    assert circles(parents, one, three)
    assert circles(parents, one, one)
    assert not circles(parents, three, one)
    assert not circles(parents, three, None)


def test_a_circle_that_stands_already_is_noticed_and_not_walked_for_ever() -> None:
    one, two, three = UUID(int=11), UUID(int=12), UUID(int=13)

    assert circles({one: two, two: one, three: None}, three, one)
