"""The targets of the demo run along its territories, and what is below one sums to it."""

from itertools import pairwise

import pytest

from service.simulation.demo.aims import AIMS, dealt_months, months_of, places
from service.simulation.demo.companies import COMPANIES, Company
from service.simulation.demo.selling import sellers
from service.simulation.demo.territories import TREES, lowest


@pytest.mark.parametrize("company", COMPANIES, ids=lambda company: company.code)
def test_every_territory_has_its_part_and_parts_sum_to_the_whole(company: Company) -> None:
    staffed = {site.territory: len(site.reps) for site in company.sites}
    found = {one.code: one for one in places(company.industry, staffed)}

    assert {one.code for one in TREES[company.industry]} <= set(found)
    assert set(staffed) <= set(lowest(TREES[company.industry]))
    assert all(found[code].size == reps for code, reps in staffed.items())
    for one in found.values():
        below = [other.size for other in found.values() if other.above == one.code]
        assert one.size > 0
        assert not below or sum(below) == one.size


@pytest.mark.parametrize("reps", [1, 4, 5, 7])
def test_a_piece_is_one_persons_and_who_is_worth_more_sells_more(reps: int) -> None:
    months = [5, 0, 9, 1, 240, 3]
    before = [sum(months[:number]) for number in range(len(months))]
    parts = [sellers(reps, *one) for one in zip(before, months, strict=True)]
    whole = sellers(reps, 0, sum(months))

    assert [sum(part) for part in parts] == months
    assert [sum(each) for each in zip(*parts, strict=True)] == whole
    assert all(one < other for one, other in pairwise(whole[:5]))
    assert max(whole[:5]) * 8 < min(whole[:5]) * 12 + 8 * 12


@pytest.mark.parametrize("company", COMPANIES, ids=lambda company: company.code)
def test_months_sum_to_the_year_and_to_the_months_above(company: Company) -> None:
    staffed = {site.territory: len(site.reps) for site in company.sites}
    found = places(company.industry, staffed)
    for aim in AIMS[company.industry]:
        months = months_of(aim, found)
        for one in found:
            assert sum(months[one.code]) == aim.each * one.size
            below = [months[other.code] for other in found if other.above == one.code]
            if below:
                assert [sum(each) for each in zip(*below, strict=True)] == list(months[one.code])
        for code, reps in staffed.items():
            dealt = dealt_months(months[code], reps)
            assert [sum(each) for each in zip(*dealt, strict=True)] == list(months[code])
            assert {sum(his) for his in dealt} == {aim.each}
            assert min(min(his) for his in dealt) >= 0
