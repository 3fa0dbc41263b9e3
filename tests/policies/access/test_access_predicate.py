"""The text and the values of a condition; what it lets through is judged in the agreement test."""

from uuid import UUID

import pytest

from service.policies.access import Holding, PolicyRow, RecordColumns

COLUMNS = RecordColumns(
    owner="f.owner_id",
    org_unit="f.org_unit_id",
    territory="f.territory_id",
    requester="f.requester_id",
    figures={"discount_bp": "f.discount_bp"},
)
VIEW = "follow_up.view"
FOUR_EYES = PolicyRow("*", "deal", "record", "requested", effect="deny")


def sees(scope: str, duty: str = "d:supervision") -> PolicyRow:
    return PolicyRow(duty, "follow_up", "view", scope)


def test_who_holds_nothing_gets_a_condition_that_is_never_true(showroom):
    compiled = showroom.compiled(sees("tenant"))

    for stranger in (
        showroom.actor(),
        showroom.actor(Holding("r:rep")),
        showroom.actor(Holding("r:manager"), tenant=UUID(int=2)),
    ):
        assert compiled.predicate(stranger, VIEW, COLUMNS, 1).sql == "(FALSE)"
        assert compiled.mask(stranger, VIEW, COLUMNS, 1).sql == "coalesce((FALSE), FALSE)"


def test_a_single_id_is_an_equality_so_that_an_ordered_index_serves(showroom):
    compiled = showroom.compiled(sees("territory"))
    leaf = showroom.actor(Holding("r:manager", showroom.site, showroom.huating))

    found = compiled.predicate(leaf, VIEW, COLUMNS, 4)

    assert found.sql == (
        "(f.owner_id = $4::uuid OR f.org_unit_id = $5::uuid OR f.territory_id = $6::uuid)"
    )
    assert found.parameters == (showroom.wang, showroom.site, showroom.huating)


def test_sub_trees_are_resolved_to_arrays_of_ids(showroom):
    compiled = showroom.compiled(sees("territory"))
    head = showroom.actor(Holding("r:manager", showroom.company, showroom.china))

    found = compiled.predicate(head, VIEW, COLUMNS, 1)

    assert "f.org_unit_id = ANY($2::uuid[]) OR f.territory_id = ANY($3::uuid[])" in found.sql
    owner, units, areas = found.parameters
    assert owner == showroom.wang
    assert set(units) == set(showroom.org_parents)
    assert set(areas) == set(showroom.territory_parents)


def test_holdings_of_one_kind_share_an_array(showroom):
    compiled = showroom.compiled(sees("team"))
    stands_in = Holding("r:manager", showroom.site, None, showroom.li, frozenset({VIEW}))
    both = showroom.actor(Holding("r:manager", showroom.south), stands_in)

    found = compiled.predicate(both, VIEW, COLUMNS, 1)

    assert found.sql == "(f.owner_id = ANY($1::uuid[]) OR f.org_unit_id = ANY($2::uuid[]))"
    assert found.parameters == ([showroom.wang, showroom.li], [showroom.south, showroom.site])


def test_the_whole_company_needs_no_condition(showroom):
    compiled = showroom.compiled(sees("tenant"), sees("own"))

    found = compiled.predicate(showroom.actor(Holding("r:manager")), VIEW, COLUMNS, 1)

    assert (found.sql, found.parameters) == ("(TRUE)", ())


def test_a_limit_is_part_of_the_condition(showroom):
    row = PolicyRow("d:supervision", "deal", "record", "own", "discount_bp<=300")
    wide = PolicyRow("d:supervision", "deal", "record", "tenant", "amount_minor<=9")
    compiled = showroom.compiled(row, wide)

    found = compiled.predicate(showroom.actor(Holding("r:manager")), "deal.record", COLUMNS, 1)

    # The table has no amount: the wider grant can be met by none of its rows.
    assert found.sql == "((f.discount_bp <= $2::bigint AND (f.owner_id = $1::uuid)))"
    assert found.parameters == (showroom.wang, 300)


def test_a_company_wide_limit_asks_for_the_figure_alone(showroom):
    compiled = showroom.compiled(
        PolicyRow("d:supervision", "deal", "record", "tenant", "discount_bp<=300")
    )

    found = compiled.predicate(showroom.actor(Holding("r:manager")), "deal.record", COLUMNS, 1)

    assert found.sql == "((f.discount_bp <= $1::bigint AND (TRUE)))"


def test_a_deny_is_coalesced_so_that_rows_without_a_requester_stay(showroom):
    compiled = showroom.compiled(PolicyRow("d:supervision", "deal", "record", "tenant"), FOUR_EYES)
    stands_in = Holding("r:rep", acts_as=showroom.li, commands=frozenset({VIEW}))
    actor = showroom.actor(Holding("r:manager"), stands_in)

    found = compiled.predicate(actor, "deal.record", COLUMNS, 1)

    assert found.sql == "((TRUE) AND NOT coalesce(f.requester_id = ANY($1::uuid[]), FALSE))"
    assert found.parameters == ([showroom.wang, showroom.li],)


def test_a_company_wide_deny_leaves_nothing(showroom):
    deny = PolicyRow("d:reception", "follow_up", "view", "tenant", effect="deny")
    compiled = showroom.compiled(sees("tenant"), deny)

    found = compiled.predicate(
        showroom.actor(Holding("r:manager"), Holding("r:rep")), VIEW, COLUMNS, 1
    )

    assert found.sql == "(FALSE)"


def test_a_duty_that_forbids_what_one_requested_names_all_one_stands_for(showroom):
    deny = PolicyRow("d:reception", "follow_up", "view", "requested", effect="deny")
    compiled = showroom.compiled(sees("tenant"), deny)
    actor = showroom.actor(Holding("r:manager"), Holding("r:rep"))

    found = compiled.predicate(actor, VIEW, COLUMNS, 1)

    assert found.sql == "((TRUE) AND NOT coalesce(f.requester_id = $1::uuid, FALSE))"


def test_a_table_without_the_column_cannot_meet_the_grant(showroom):
    limited = PolicyRow("d:reception", "deal", "record", "own", "discount_bp<=300")
    compiled = showroom.compiled(sees("own"), limited)
    rep = showroom.actor(Holding("r:rep"), Holding("r:manager"))
    no_owner = RecordColumns(figures={"discount_bp": "f.discount_bp"})

    assert compiled.predicate(rep, VIEW, RecordColumns(), 1).sql == "(FALSE)"
    assert compiled.predicate(rep, VIEW, RecordColumns(), 1).parameters == ()
    assert compiled.predicate(rep, "deal.record", no_owner, 1).sql == "(FALSE)"
    assert compiled.predicate(rep, "deal.record", no_owner, 1).parameters == ()


@pytest.mark.parametrize(
    "expression", ["f.owner_id; DROP TABLE x", "'x'", "$1", "f.owner -- ", "f.owner /* x */", "\\"]
)
def test_columns_hold_nothing_that_could_leave_the_expression(expression):
    with pytest.raises(ValueError, match="not a column expression"):
        RecordColumns(owner=expression)
    with pytest.raises(ValueError, match="not a column expression"):
        RecordColumns(figures={"discount_bp": expression})


def test_each_way_to_a_row_is_named_with_its_value(showroom):
    compiled = showroom.compiled(sees("territory"))
    head = showroom.actor(Holding("r:manager", showroom.site, showroom.china))

    found = compiled.predicate(head, VIEW, COLUMNS, 4)

    assert [(way.column, way.many) for way in found.ways] == [
        ("f.owner_id", False),
        ("f.org_unit_id", False),
        ("f.territory_id", True),
    ]
    assert [found.parameters[way.place] for way in found.ways] == [*found.parameters]


def test_a_condition_that_is_no_mere_alternative_has_no_ways(showroom):
    everywhere = showroom.compiled(sees("tenant"))
    forbidden = showroom.compiled(
        sees("territory"), PolicyRow("*", "follow_up", "view", "requested", effect="deny")
    )
    manager = showroom.actor(Holding("r:manager", showroom.site, showroom.china))

    assert everywhere.predicate(manager, VIEW, COLUMNS, 1).ways == ()
    assert forbidden.predicate(manager, VIEW, COLUMNS, 1).ways == ()
    assert everywhere.predicate(showroom.actor(), VIEW, COLUMNS, 1).ways == ()


def test_more_ids_than_are_worth_going_one_by_one_are_no_way(showroom, monkeypatch):
    compiled = showroom.compiled(sees("territory"))
    head = showroom.actor(Holding("r:manager", showroom.site, showroom.china))
    monkeypatch.setattr("service.policies.access.predicate._MOST_IDS", 1)

    assert compiled.predicate(head, VIEW, COLUMNS, 1).ways == ()
