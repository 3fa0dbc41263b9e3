"""Templates: three industries load whole, and half a template never does."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.policies.access import ACTIONS, Domain
from service.provisioning.duties import Clock, Obligation
from service.provisioning.sheets import TemplateBroken
from service.provisioning.templates import (
    Template,
    load_template,
    policies_folder,
    template_codes,
)

BUILT_IN_ROLES = {
    "tenant-admin",
    "director",
    "regional-manager",
    "sales-manager",
    "sales-representative",
    "assistant",
    "clerk",
    "finance-clerk",
    "partner-user",
}
DEVELOPER = "templates/property-developer.yaml"
COMMON_DUTIES = "access/common.yaml"


@pytest.fixture(params=template_codes())
def template(request: pytest.FixtureRequest) -> Template:
    return load_template(request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped policies that a test may break."""
    return Path(shutil.copytree(policies_folder(), tmp_path / "policies"))


def parameters_of(pack: str) -> dict[str, Any]:
    """Return the parameters a shipped rulebook declares."""
    file = policies_folder() / "rulebooks" / f"{pack}.yaml"
    read = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    parameters: dict[str, Any] = read["params"]
    return parameters


def broken_by(folder: Path, file: str, old: str, new: str) -> TemplateBroken:
    """Replace one text of a file and return how the developer's template is refused for it."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TemplateBroken) as refused:
        load_template("property-developer", folder)
    return refused.value


def test_three_industries_are_shipped() -> None:
    assert template_codes() == ("car-dealer", "medical-device-distributor", "property-developer")


def test_the_policies_folder_holds_data_only() -> None:
    assert not list(policies_folder().rglob("*.py"))
    assert {file.suffix for file in policies_folder().rglob("*") if file.is_file()} == {".yaml"}


def test_a_template_brings_all_a_tenant_needs_on_its_first_day(template: Template) -> None:
    assert set(template.roles) >= BUILT_IN_ROLES
    assert template.sites
    assert template.channels
    assert template.territory_dimensions
    assert template.rulebook.pack == "showroom"
    assert template.org_units[0].parent is None
    assert template.territories[0].parent is None


def test_every_action_of_a_tenant_is_somebodys_duty(template: Template) -> None:
    held = {
        row.named
        for role in template.roles
        for duty in template.all_duties(role)
        for row in template.duties[duty].permissions
    }

    assert held == {key for key, entry in ACTIONS.items() if Domain.TENANT in entry.domains}


def test_a_template_sets_only_parameters_its_rulebook_has_and_within_their_bounds(
    template: Template,
) -> None:
    declared = parameters_of(template.rulebook.pack)

    for name, value in template.rulebook.parameters.items():
        if "words" in declared[name]:
            assert value in declared[name]["words"], name
        else:
            assert declared[name]["min"] <= value <= declared[name]["max"], name


def test_a_clock_ships_with_the_number_its_rulebook_parameter_ships_with(
    template: Template,
) -> None:
    declared = parameters_of(template.rulebook.pack)

    for duty in template.duties.values():
        clock = duty.obligation.clock if duty.obligation else Clock()
        if clock.parameter is not None:
            assert clock.within_days == declared[clock.parameter]["value"], duty.code


def test_every_relation_a_rulebook_can_count_can_be_recorded(template: Template) -> None:
    declared = parameters_of(template.rulebook.pack)
    by_kind = {
        kind: {relation.code for relation in template.relations if relation.kind == kind}
        for kind in ("family", "company")
    }

    assert by_kind["family"] >= set(declared["merge.family"]["words"])
    assert by_kind["company"] >= set(declared["merge.company"]["words"])


def test_every_industry_speaks_its_own_words() -> None:
    words = {code: load_template(code).vocabulary["item"].zh_hans for code in template_codes()}

    assert words == {
        "car-dealer": "车辆",
        "medical-device-distributor": "器械",
        "property-developer": "房号",
    }


def test_the_first_follow_up_is_owed_within_three_days_unless_the_rulebook_says_otherwise() -> None:
    duty = load_template("property-developer").duties["follow-up-customers"]

    assert duty.obligation == Obligation(
        kind="first_follow_up",
        clock=Clock(within_days=3, after="CustomerRegistered", parameter="followup.first_due_days"),
        evidence="follow_up_recorded",
    )


def test_words_are_given_under_their_language_tags() -> None:
    names = load_template("property-developer").names

    assert names.by_locale() == {
        "en": "Property developer",
        "zh-Hant": "房地產開發商",
        "zh-Hans": "房地产开发商",
    }


def test_a_role_has_the_duties_of_the_roles_it_includes() -> None:
    template = load_template("car-dealer")

    assert set(template.all_duties("general-manager")) >= set(template.all_duties("director"))


def test_a_template_nobody_ships_is_refused_by_name() -> None:
    with pytest.raises(TemplateBroken, match=r"templates/florist\.yaml"):
        load_template("florist")


BREAKS = {
    "an unknown key": (DEVELOPER, "rulebook:\n", "rulebok:\n", "rulebook", "is missing"),
    "a misspelt key of an entry": (
        DEVELOPER,
        "    org_unit: project-1\n",
        "    orgunit: project-1\n",
        "sites[0].org_unit",
        "is missing",
    ),
    "a key written twice": (
        DEVELOPER,
        "privacy:\n",
        "names: {en: A, zh-Hant: 甲, zh-Hans: 甲}\nprivacy:\n",
        "",
        "'names' is written twice",
    ),
    "a missing translation": (
        DEVELOPER,
        "{en: unit, zh-Hant: 房號, zh-Hans: 房号}",
        "{en: unit, zh-Hans: 房号}",
        "vocabulary.item.zh-Hant",
        "is missing",
    ),
    "an empty translation": (
        COMMON_DUTIES,
        "      en: Read the sales rules in force and work by them.\n",
        '      en: ""\n',
        "duties.know-the-rulebook.wording.en",
        "a text is expected",
    ),
    "a word the product does not know": (
        DEVELOPER,
        "  clerk: {en",
        "  clark: {en",
        "vocabulary.clark",
        "no such word",
    ),
    "an unknown action": (
        COMMON_DUTIES,
        "{object: register, action: view, scope: own}",
        "{object: register, action: edit, scope: own}",
        "duties.register-customers.permissions[0].action",
        "register.edit is not in the access vocabulary",
    ),
    "an unknown scope": (
        COMMON_DUTIES,
        "{object: register, action: view, scope: own}",
        "{object: register, action: view, scope: mine}",
        "duties.register-customers.permissions[0].scope",
        "mine",
    ),
    "a misspelt effect": (
        COMMON_DUTIES,
        "{object: register, action: view, scope: own}",
        "{object: register, action: view, scope: own, effect: alow}",
        "duties.register-customers.permissions[0].effect",
        "alow",
    ),
    "a limit that is an expression": (
        COMMON_DUTIES,
        "{object: deal, action: record, scope: own}",
        '{object: deal, action: record, scope: own, limit: "amount_minor<9 or 1"}',
        "duties.close-deals.permissions[1].limit",
        "amount_minor<9 or 1",
    ),
    "an action given twice in one duty": (
        COMMON_DUTIES,
        "{object: register, action: append, scope: own}",
        "{object: register, action: view, scope: team}",
        "duties.register-customers.permissions",
        "register.view is given twice",
    ),
    "a metric nobody defined": (
        COMMON_DUTIES,
        "    metric: DEALS\n",
        "    metric: SMILES\n",
        "duties.close-deals.metric",
        "'SMILES'",
    ),
    "a clock that counts in two ways": (
        COMMON_DUTIES,
        "{weekday: friday}",
        "{weekday: friday, day_of_month: 5}",
        "duties.inspect-team-registers.obligation.clock",
        "exactly one of",
    ),
    "a clock without the event it starts with": (
        COMMON_DUTIES,
        "{end_of_day: true, after: ReceptionAssigned}",
        "{end_of_day: true}",
        "duties.register-customers.obligation.clock.after",
        "belongs to a clock that starts with an event",
    ),
    "a duty that is common already": (
        "access/property-developer.yaml",
        "  file-with-authorities:\n",
        "  take-turns:\n",
        "duties.take-turns",
        "is also one of the common duties",
    ),
    "a role with an unknown duty": (
        DEVELOPER,
        "duties: [record-payments]",
        "duties: [record-payment]",
        "roles[8].duties",
        "'record-payment' is no duty",
    ),
    "a role that includes itself by way of another": (
        DEVELOPER,
        "    duties: [know-the-company, ",
        "    includes: [planner]\n    duties: [know-the-company, ",
        "roles[0].includes",
        "'planner' includes this role in turn",
    ),
    "a role that includes nobody's role": (
        DEVELOPER,
        "    includes: [employee]\n    duties: [record-payments]",
        "    includes: [employe]\n    duties: [record-payments]",
        "roles[8].includes",
        "'employe' is no role",
    ),
    "two duties one role must not hold": (
        DEVELOPER,
        "duties: [record-payments]",
        "duties: [record-payments, close-deals]",
        "roles[8].duties",
        "Who sells does not book the buyer's money.",
    ),
    "two roles of one code": (
        DEVELOPER,
        "  - code: referrer\n    names",
        "  - code: clerk\n    names",
        "roles[14].code",
        "'clerk' is written twice",
    ),
    "a unit before its parent": (
        DEVELOPER,
        "    parent: group\n",
        "    parent: project-1\n",
        "org_units[1].parent",
        "'project-1' is none of",
    ),
    "a second root": (
        DEVELOPER,
        "    parent: group\n",
        "",
        "org_units[1].parent",
        "exactly the first node",
    ),
    "a time without quotes": (
        DEVELOPER,
        'until: "18:00"',
        "until: 18:00",
        "sites[0].opening[0].until",
        "a text is expected, not 1080",
    ),
    "a site that closes before it opens": (
        DEVELOPER,
        'until: "18:00"',
        'until: "08:00"',
        "sites[0].opening[0].until",
        "closes after it opens",
    ),
    "a time zone that does not exist": (
        DEVELOPER,
        "time_zone: Asia/Shanghai, phone",
        "time_zone: Asia/Beijing, phone",
        "defaults.time_zone",
        "'Asia/Beijing'",
    ),
    "an unknown calendar": (
        DEVELOPER,
        "base: china-statutory",
        "base: mars",
        "calendar.base",
        "'mars'",
    ),
    "a separation of an unknown duty": (
        COMMON_DUTIES,
        "duties: [record-payments, close-deals]",
        "duties: [record-payments, sell]",
        "separations[0].duties",
        "'sell' is no duty",
    ),
}


@pytest.mark.parametrize("fault", sorted(BREAKS))
def test_half_a_template_is_refused_with_file_and_key(folder: Path, fault: str) -> None:
    file, old, new, key, said = BREAKS[fault]

    broken = broken_by(folder, file, old, new)

    assert broken.file == file
    assert broken.key == key
    assert said in broken.fault


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "access" / "property-developer.yaml").unlink()

    with pytest.raises(TemplateBroken, match=r"access/property-developer\.yaml"):
        load_template("property-developer", folder)


def test_a_separation_also_holds_for_duties_of_included_roles(folder: Path) -> None:
    path = folder / DEVELOPER
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    roles = {role["code"]: role for role in content["roles"]}
    roles["sales-manager"]["includes"] = ["sales-representative"]
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")

    with pytest.raises(TemplateBroken, match="must not be one role's"):
        load_template("property-developer", folder)


def test_a_shipped_template_is_read_once() -> None:
    assert load_template("car-dealer") is load_template("car-dealer")
