"""The territories of the demo are what each trade draws: nobody is wanted twice."""

from uuid import NAMESPACE_URL, uuid5

import pytest

from service.policies.rulebooks.vocabulary.kinds import Label
from service.simulation.demo.territories import KNOWN, TREES
from service.territories.rules.findings import FindingKind, findings
from service.territories.rules.membership import Place, Trait, members, territory_of, words_of
from service.territories.words import TraitKind

ANY = Label("", "", "")
MEDICAL = "medical-device-distributor"


def words(industry: str):
    return words_of(
        Trait(one.code, TraitKind.WORD, ANY, words=one.words) for one in KNOWN[industry]
    )


def places(industry: str) -> list[Place]:
    drawn = {one.code for one in TREES[industry]}
    roots = [
        Place(uuid5(NAMESPACE_URL, code), None, code)
        for code in ("all", "region-1")
        if code not in drawn
    ]
    return roots + [
        Place(
            uuid5(NAMESPACE_URL, one.code),
            uuid5(NAMESPACE_URL, one.above),
            one.code,
            rule=one.rule,
        )
        for one in TREES[industry]
    ]


@pytest.mark.parametrize("industry", sorted(TREES))
def test_no_condition_of_the_demo_is_unreadable_idle_or_in_anothers_way(industry: str) -> None:
    found = {one.kind for one in findings(places(industry), words(industry))}

    assert found <= {FindingKind.GAP}


def test_the_medical_company_has_seven_regions_and_every_province() -> None:
    tree = TREES[MEDICAL]
    regions = [one for one in tree if one.above == "all"]
    provinces = [one for one in tree if one.above in {region.code for region in regions}]

    assert (len(regions), len(provinces)) == (7, 31)


def test_a_hospital_goes_to_its_product_line() -> None:
    known = {"province": "ZHEJIANG", "hospital": "ZHEJIANG_FIRST", "line": "LIFE"}
    absent = {fact.name: fact.absent for fact in words(MEDICAL).facts}
    asked = members(places(MEDICAL), words(MEDICAL))

    found = territory_of(asked, absent | known)

    assert found == uuid5(NAMESPACE_URL, "zhejiang-first-life")
