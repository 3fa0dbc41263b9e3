"""The written forms of scalars, and what they refuse."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from graphql import FloatValueNode, GraphQLError, IntValueNode, StringValueNode

from service.errors import NotFound
from service.schema.scalars import (
    SCALARS,
    BigInt,
    found_id,
    make_id,
    read_instant,
    row_id,
    split_id,
    write_instant,
)

ROW = UUID("0199c2f0-7d1e-7a55-8a3e-5f0c9b1f2a10")


def test_an_id_says_its_type_and_row() -> None:
    assert make_id("org_unit", ROW) == f"org_unit_{ROW}"
    assert found_id(f"org_unit_{ROW}", "org_unit") == ROW
    assert split_id(f"org_unit_{ROW}") == ("org_unit", ROW)


@pytest.mark.parametrize(
    "text",
    ["", "_", "visit", str(ROW), f"visit{ROW}", f"party_{ROW}", f"visit_{str(ROW).upper()}",
     f"visit_{ROW}x", f" visit_{ROW}", "visit_\x00", f"visit_{{{ROW}}}"],
)  # fmt: skip
def test_whatever_is_no_id_of_the_type_is_the_id_of_nothing(text: str) -> None:
    assert found_id(text, "visit") is None
    with pytest.raises(NotFound) as refused:
        row_id(text, "visit", "visitId")
    assert refused.value.field == ("input", "visitId")


def test_an_instant_is_written_in_utc_with_three_decimals() -> None:
    assert (
        write_instant(datetime(2026, 3, 2, 1, 15, 30, 250_999, UTC)) == "2026-03-02T01:15:30.250Z"
    )
    assert write_instant(datetime(2026, 3, 2, tzinfo=UTC)) == "2026-03-02T00:00:00.000Z"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-03-02T09:15:30+08:00", "2026-03-02T01:15:30.000Z"),
        ("2026-03-02T01:15:30Z", "2026-03-02T01:15:30.000Z"),
        ("2026-03-02t01:15:30.9999999z", "2026-03-02T01:15:30.999Z"),
        ("2026-12-31T23:59:59.9996-00:00", "2026-12-31T23:59:59.999Z"),
    ],
)
def test_an_instant_is_read_with_any_offset_and_cut(text: str, read: str) -> None:
    assert write_instant(read_instant(text)) == read


@pytest.mark.parametrize(
    "text",
    ["2026-03-02", "2026-03-02T01:15:30", "2026-03-02T24:00:00Z", "2026-02-30T00:00:00Z",
     "2026-03-02T23:59:60Z", "2026-03-02 01:15:30Z", "0000-01-01T00:00:00Z", 1, None],
)  # fmt: skip
def test_no_local_time_no_leap_second_no_other_form(text: object) -> None:
    with pytest.raises(GraphQLError):
        read_instant(text)


def test_a_big_integer_is_text_outside_and_never_a_float() -> None:
    big = SCALARS[BigInt]
    assert big.serialize is not None
    assert big.parse_value is not None
    assert big.parse_literal is not None
    assert big.serialize(2**60) == "1152921504606846976"
    assert big.parse_value("-9223372036854775808") == -(2**63)
    assert big.parse_literal(IntValueNode(value="7")) == 7
    assert big.parse_literal(StringValueNode(value="7")) == 7
    for wrong in ("9223372036854775808", "1.0", "", "01", 1.0, True, None):
        with pytest.raises(GraphQLError):
            big.parse_value(wrong)
    with pytest.raises(GraphQLError):
        big.parse_literal(FloatValueNode(value="7.0"))


@pytest.mark.parametrize("kind", [BigInt, Decimal, date, time, datetime])
@pytest.mark.parametrize("digits", ["０２３４５６７８９", "٠٢٣٤٥٦٧٨٩"])
def test_digits_of_other_scripts_are_no_digits(kind: Any, digits: str) -> None:
    plain = {
        BigInt: "12",
        Decimal: "12.5",
        date: "2026-03-02",
        time: "09:15",
        datetime: "2026-03-02T01:15:30Z",
    }[kind]
    parse = SCALARS[kind].parse_value
    assert parse is not None
    assert parse(plain) is not None
    with pytest.raises(GraphQLError):
        parse(plain.translate(str.maketrans("023456789", digits)))
