"""Networks a request may come from, as administrators write them. Pure."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


def address_range(written: str) -> str | None:
    """Return an address or a network as it is kept, `203.0.113.0/24`; None for anything else.

    What stands behind the prefix is cut off, so that the kept form says what is meant.
    """
    try:
        return str(ip_network(written.strip(), strict=False))
    except ValueError:
        return None


@lru_cache(1_024)
def comes_from(ranges: Sequence[str], address: str) -> bool:
    """Tell whether an address lies in one of the ranges; one that is unknown lies in none."""
    found = _address(address)
    return found is not None and any(found in ip_network(one) for one in ranges)


def _address(written: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(written)
    except ValueError:
        return None
    # A socket for both protocols tells an IPv4 client as `::ffff:203.0.113.7`.
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
