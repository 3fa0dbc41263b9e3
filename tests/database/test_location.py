"""A database's URL is read, or refused in one sentence."""

import pytest

from service.database.connections import DatabaseUnfit, Location


@pytest.mark.parametrize(
    "url",
    [
        "mysql://app@host/name",
        "postgresql://app@host",
        "postgresql://app@host:abc/name",
        "postgresql://app@host:65536/name",
        "postgresql://app@host/name?sslmode=bogus",
    ],
)
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(DatabaseUnfit):
        Location.from_url(url)


def test_a_url_says_where_and_how() -> None:
    found = Location.from_url("postgresql://app:s%40@db.test:5433/sales?sslmode=require")

    assert (found.host, found.port, found.database) == ("db.test", 5433, "sales")
    assert (found.password, found.ssl) == ("s@", "require")
