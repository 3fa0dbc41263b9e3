"""One person, one name, however it is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.identity.names import sign_in_name


@pytest.mark.parametrize("typed", ["chen.mei", " Chen.Mei ", "CHEN.MEI", "ｃｈｅｎ．ｍｅｉ"])
def test_capitals_spaces_and_full_width_letters_make_no_other_person(typed: str) -> None:
    assert sign_in_name(typed) == "chen.mei"


def test_a_name_in_chinese_stays_as_it_is() -> None:
    assert sign_in_name("陳小梅") == "陳小梅"


@given(st.text(alphabet=st.characters(max_codepoint=0x2FFF), max_size=20))
def test_the_kept_form_is_found_again_by_itself(typed: str) -> None:
    kept = sign_in_name(typed)

    assert sign_in_name(kept) == kept
