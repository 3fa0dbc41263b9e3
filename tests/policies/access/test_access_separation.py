"""Duties that no single role may hold together."""

from service.policies.access import DutyConflict, conflicting_duties

PAIRS = [("d:request-discount", "d:approve-discount"), ("d:receive-money", "d:record-money")]


def test_a_role_with_both_duties_of_a_pair_is_found():
    roles = {
        "r:rep": ["d:request-discount"],
        "r:all": ["d:approve-discount", "d:request-discount"],
    }

    assert conflicting_duties(roles, PAIRS) == (DutyConflict("r:all", *PAIRS[0]),)


def test_an_included_role_counts():
    roles = {"r:rep": ["d:request-discount"], "r:manager": ["d:approve-discount"]}

    assert conflicting_duties(roles, PAIRS) == ()
    assert conflicting_duties(roles, PAIRS, {"r:manager": ["r:rep"]}) == (
        DutyConflict("r:manager", *PAIRS[0]),
    )
    assert conflicting_duties(roles, PAIRS, {"r:new": ["r:rep", "r:manager"]}) == (
        DutyConflict("r:new", *PAIRS[0]),
    )
