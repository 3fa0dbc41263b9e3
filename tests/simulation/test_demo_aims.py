"""The targets of the demo run along its territories, and what is below one sums to it."""

from itertools import pairwise

import pytest

from service.simulation.demo.aims import places
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
