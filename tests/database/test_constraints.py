"""What a broken constraint is answered with, when no feature has registered an answer."""

import pytest

from service.database.constraints import refusal_of


@pytest.mark.parametrize("name", ["party_full_name_length_check", "deal_unit_length_check_102043"])
def test_a_text_of_a_wrong_length_is_the_writers_fault(name: str) -> None:
    refusal = refusal_of(name, None)
    assert refusal is not None
    assert refusal.code == "INVALID_INPUT"


def test_any_other_unknown_constraint_is_a_fault_of_ours() -> None:
    assert refusal_of("visit_owner_kind_check", None) is None
    assert refusal_of(None, None) is None
