"""Numbers as people write them, and the one form that identifies a customer."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.customers.rules import Phone, phone_of, phones_of
from service.errors import InvalidPhone, Refusals

FIELD = ("input", "phone")


@pytest.mark.parametrize(
    "written",
    [
        "13800138001",
        "138 0013 8001",
        "+86 138-0013-8001",
        "0086 13800138001",
        "１３８００１３８００１",
    ],
)
def test_however_it_is_written_it_is_one_number(written: str) -> None:
    assert phone_of(written, "CN", FIELD) == Phone("+8613800138001")


def test_a_number_without_its_country_is_read_by_the_sites() -> None:
    assert phone_of("91234567", "HK", FIELD).number == "+85291234567"
    assert phone_of("912 345 678", "TW", FIELD).number == "+886912345678"


@pytest.mark.parametrize("extension", [" ext. 12", "x12", "转12", " 分机 12", " 轉：12", "分機12"])
def test_an_extension_is_kept_beside_the_number(extension: str) -> None:
    assert phone_of(f"010-65551234{extension}", "CN", FIELD) == Phone("+861065551234", "12")


def test_of_one_number_with_two_extensions_the_second_is_refused() -> None:
    with pytest.raises(Refusals) as refused:
        phones_of(["010-65551234 x12", "010-65551234 x12", "010-65551234 x13"], "CN")

    assert [one.field for one in refused.value.refusals] == [("input", "phones", "2")]


# Of every country, what its plan has for an example, and what is nearly that.
EXAMPLES = [
    phonenumbers.format_number(one, phonenumbers.PhoneNumberFormat.E164)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    if (one := phonenumbers.example_number_for_type(region, kind)) is not None
]


def by_the_library(text: str) -> Phone | None:
    try:
        parsed = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    form = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Phone(form, parsed.extension or None)


def as_it_is_kept(text: str) -> Phone | None:
    try:
        return phone_of(text, "CN", FIELD)
    except InvalidPhone:
        return None


@settings(max_examples=400)
@given(
    st.sampled_from(EXAMPLES),
    st.integers(1, 13),
    st.sampled_from(["", *"0123456789"]),
    st.integers(0, 1),
)
def test_a_number_that_is_plainly_a_mobile_is_what_the_library_makes_of_it(
    number: str, place: int, digit: str, more: int
) -> None:
    near = f"{number[:place]}{digit}{number[place + more :]}"
    for text in (number, near):
        assert as_it_is_kept(text) == by_the_library(text)


def test_a_mobile_number_as_devices_send_it_is_not_looked_over_by_the_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(phonenumbers, "parse", None)

    assert phone_of("+8613800138001", "CN", FIELD) == Phone("+8613800138001")


@pytest.mark.parametrize("written", ["", "12", "138", "+999 12345678", "電話"])
def test_what_no_plan_knows_is_refused_with_its_place(written: str) -> None:
    with pytest.raises(InvalidPhone) as refused:
        phone_of(written, "CN", FIELD)

    assert (refused.value.number, refused.value.field) == (written, FIELD)


def test_one_number_written_twice_is_one() -> None:
    found = phones_of(["13800138001", "+8613800138001", "13800138002"], "CN")

    assert [phone.number for phone in found] == ["+8613800138001", "+8613800138002"]


def test_all_wrong_numbers_are_named_together() -> None:
    with pytest.raises(Refusals) as refused:
        phones_of(["12", "13800138001", "34"], "CN")

    assert [refusal.field[-1] for refusal in refused.value.refusals] == ["0", "2"]


@given(st.text(max_size=20))
def test_any_text_is_a_number_in_e164_or_refused(text: str) -> None:
    try:
        number = phone_of(text, "CN", FIELD).number
    except InvalidPhone:
        return
    assert number.startswith("+")
    assert number[1:].isascii()
    assert number[1:].isdecimal()
    assert phone_of(number, "DE", FIELD).number == number
