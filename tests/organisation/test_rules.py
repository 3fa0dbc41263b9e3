from uuid import UUID

import pytest

from service.organisation.rules import KEEPERS, RolesTogether, circles, conflicts, lost_keeper
from service.policies.access import Actor, Holding, PolicyRow, compile_tenant

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
