"""The closed vocabulary and the catalogue of refusals agree with themselves."""

import inspect
from string import Formatter

import pytest

from service.errors import Refusal, catalogue
from service.policies.access import ACTIONS, LIMIT_FIELDS, Domain, actions_of, errors

REFUSALS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, Refusal) and kind is not Refusal
]


def test_an_action_is_found_by_its_object_and_its_own_name():
    assert all(key == f"{entry.object}.{entry.action}" for key, entry in ACTIONS.items())
    assert all("." not in entry.object for entry in ACTIONS.values())


def test_only_a_mask_names_a_field():
    assert {key: e.masks for key, e in ACTIONS.items() if e.masks} == {"party.view.phone": "phone"}


def test_operators_have_four_actions_and_share_one_with_tenants():
    platform = {key for key, entry in ACTIONS.items() if Domain.PLATFORM in entry.domains}
    shared = {key for key, entry in ACTIONS.items() if len(entry.domains) > 1}

    assert platform == {
        f"tenant.{what}" for what in ("create", "suspend", "resume", "restrict", "admit", "view")
    }
    assert shared == {"tenant.view"}
    assert actions_of("tenant") == ("tenant.view", "tenant.edit")


def test_a_limit_bounds_a_figure_of_objects_that_exist():
    objects = {entry.object for entry in ACTIONS.values()}

    assert all(field.objects <= objects for field in LIMIT_FIELDS.values())


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.code)
def test_every_refusal_has_its_entry_with_its_own_values_as_placeholders(kind):
    own = set(inspect.signature(kind).parameters) - {"field", "clause"}

    for words in catalogue()[kind.code].sentences.values():
        assert {name for _, name, _, _ in Formatter().parse(words) if name} == own
