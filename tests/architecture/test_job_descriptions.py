"""Every line of the fifteen job descriptions is a duty or has a reason why it is none.

A mapped line is shown to be right on a record just inside each of its scopes and to be refused
just outside.
"""

from functools import cache
from typing import Any

import pytest
import yaml
from shipped_policy import OTHER_TENANT, RECORDS, inside, me, outside, shipped

from service.policies.access import CompiledTenant
from service.provisioning.duties import Duty, Permission
from service.provisioning.templates import (
    Template,
    load_template,
    policies_folder,
    template_codes,
)

NONE_BECAUSE = ("feature", "outside", "trait", "requirement", "perk", "inspection")


def numbered(prefix: str, last: int) -> list[str]:
    return [f"{prefix}{number}" for number in range(1, last + 1)]


# The lines as the duties page numbers them: duties, then what is required of applicants, then the
# conduct items and the clauses of description 14.
LINES = [
    *numbered("1-", 7),
    *numbered("2-", 9),
    *numbered("3-", 5),
    *numbered("4-", 5),
    *numbered("5-", 4),
    *numbered("6-", 4),
    *numbered("7-", 4),
    *numbered("8-", 4),
    *numbered("9-", 4),
    *numbered("10-", 6),
    *numbered("11-", 10),
    *numbered("12-", 8),
    *numbered("13-", 5),
    *numbered("15-", 7),
    *numbered("M", 8),
    *numbered("R", 7),
    *numbered("3-req-", 5),
    *numbered("5-req-", 5),
    *numbered("6-req-", 3),
    *numbered("6-perk-", 3),
    *numbered("8-req-", 6),
    *numbered("9-req-", 5),
    *numbered("10-req-", 3),
    *numbered("13-req-", 3),
    *numbered("15-req-", 5),
    *numbered("14-二-", 12),
    *numbered("14-二-言談-", 6),
    *numbered("14-三-", 6),
    *numbered("14-四(一)", 6),
    *numbered("14-四(二)", 5),
    "14-五(一)",
    "14-五(二)a",
    "14-五(二)b",
    "14-五(三)",
    *numbered("14-五(四)", 5),
    *numbered("14-五(五)", 9),
]


@cache
def sheet() -> dict[str, Any]:
    file = policies_folder() / "access" / "job-descriptions.yaml"
    content: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return content


@cache
def catalogue() -> dict[str, tuple[Template, Duty]]:
    """Return each duty of any industry with a template that knows it."""
    templates = [load_template(code) for code in template_codes()]
    return {code: (t, duty) for t in templates for code, duty in t.duties.items()}


@cache
def mapped() -> dict[str, dict[str, Any]]:
    return {line: entry for line, entry in sheet()["lines"].items() if "duties" in entry}


def rows_of(line: str, template: str) -> list[tuple[str, Permission]]:
    """Return the rows of all duties a line is mapped to, each with its duty, in one template."""
    duties = load_template(template).duties
    return [
        (code, row)
        for code in mapped()[line]["duties"]
        if code in duties
        for row in duties[code].permissions
    ]


EDGES = [
    (line, template)
    for line in sorted(mapped())
    for template in template_codes()
    if rows_of(line, template)
]


@cache
def tenant_of(template: str) -> CompiledTenant:
    """Compile a template with a role of its own for each duty."""
    loaded = load_template(template)
    return shipped(loaded, loaded.duties)


def test_every_line_is_mapped_and_no_other() -> None:
    assert sorted(sheet()["lines"]) == sorted(LINES)
    assert len(LINES) == len(set(LINES))


def test_the_conduct_items_are_eighteen() -> None:
    assert sum(line.startswith("14-二-") for line in sheet()["lines"]) == 18


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_duties_or_none_with_a_reason(line: str) -> None:
    entry = sheet()["lines"][line]

    assert set(entry) <= {"duties", "permissions", "none", "later", "because"}
    assert ("duties" in entry) is not ("none" in entry)
    if "none" in entry:
        assert entry["none"] in NONE_BECAUSE
        assert ("later" in entry) is (entry["none"] == "feature")
        assert entry["because"]
    assert bool(entry.get("later")) <= bool(entry.get("because"))
    assert set(entry.get("later", ())) <= set(sheet()["features"])


@pytest.mark.parametrize("line", sorted(mapped()))
def test_a_mapped_line_gives_authority_or_says_why_not(line: str) -> None:
    entry = mapped()[line]
    duties = [catalogue()[code][1] for code in entry["duties"]]
    authority = any(duty.permissions for duty in duties)

    assert authority is not ("permissions" in entry)
    if "permissions" in entry:
        assert entry["permissions"] == "none"
        assert entry["because"]


def test_a_duty_names_its_lines_and_its_lines_name_it() -> None:
    said_by_duties = {
        (line, code) for code, (_, duty) in catalogue().items() for line in duty.sources
    }
    said_by_lines = {(line, code) for line, entry in mapped().items() for code in entry["duties"]}

    assert said_by_duties == said_by_lines


def test_no_feature_is_listed_that_no_line_waits_for() -> None:
    awaited = {name for entry in sheet()["lines"].values() for name in entry.get("later", ())}

    assert awaited == set(sheet()["features"])


@pytest.mark.parametrize(("line", "template"), EDGES)
def test_a_mapped_line_is_allowed_just_inside_its_scope(line: str, template: str) -> None:
    tenant = tenant_of(template)

    for duty, row in rows_of(line, template):
        for record in inside(row.scope):
            assert tenant.check(me(f"only.{duty}"), row.named, record), f"{row} on {record}"


@pytest.mark.parametrize(("line", "template"), EDGES)
def test_a_mapped_line_is_refused_just_outside_its_scope(line: str, template: str) -> None:
    tenant = tenant_of(template)

    for duty, row in rows_of(line, template):
        # The edge of the widest scope is the tenant's own wall.
        foreigner = me(f"only.{duty}", OTHER_TENANT)
        for record in outside(row.scope):
            assert not tenant.check(me(f"only.{duty}"), row.named, record), f"{row} on {record}"
        for record in RECORDS.values():
            assert not tenant.check(foreigner, row.named, record), f"{row} on {record}"
        assert not tenant.holds(me("only.protect-company-information"), row.named)
