"""The targets of the demo run along its territories, and what is below one sums to it."""

import pytest

from service.simulation.demo.aims import places
from service.simulation.demo.companies import COMPANIES, Company
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
