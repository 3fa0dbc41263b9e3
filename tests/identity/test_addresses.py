"""Networks that a key's requests come from."""

import pytest

from service.identity.addresses import address_range, comes_from

OFFICE = ("203.0.113.0/24", "2001:db8::/32")


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("203.0.113.0", True),
        ("203.0.113.255", True),
        ("203.0.114.0", False),
        ("::ffff:203.0.113.7", True),
        ("2001:db8:ffff::1", True),
        ("2001:db9::1", False),
        ("", False),
        ("testclient", False),
        ("203.0.113.7/24", False),
    ],
)
def test_an_address_lies_in_a_network_or_not(address: str, inside: bool) -> None:
    assert comes_from(OFFICE, address) is inside


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" 203.0.113.7 ", "203.0.113.7/32"),
        ("203.0.113.7/24", "203.0.113.0/24"),
        ("2001:DB8::1", "2001:db8::1/128"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("203.0.113", None),
        ("203.0.113.0/33", None),
        ("example.com", None),
        ("", None),
    ],
)
def test_a_range_is_kept_as_what_it_means(written: str, kept: str | None) -> None:
    assert address_range(written) == kept
