"""A database's URL is read, or refused in one sentence."""

import pytest

from service.database.bootstrap import Superuser
from service.database.connections import DatabaseUnfit, Location
from service.settings import DATABASE_URL, Settings


@pytest.mark.parametrize(
    "url",
    [
        "mysql://app@host/name",
        "postgresql://app@host",
        "postgresql://app@host:abc/name",
        "postgresql://app@host:65536/name",
        "postgresql://app@host/name?sslmode=bogus",
        "postgresql://[::1/name",
        "postgresql://:king/fisher@host/name",
        "postgresql://:1/fisher@host/name",
        "postgresql://:king#fisher@host/name",
    ],
)
def test_a_url_that_is_none_is_refused_and_nothing_of_it_repeated(url: str) -> None:
    with pytest.raises(DatabaseUnfit, match="BAILIWICK_DATABASE_URL") as refused:
        Location.from_url(url)
    with pytest.raises(DatabaseUnfit, match="--admin-url"):
        Superuser.from_url(url)

    assert not any(part in str(refused.value) for part in ("king", "fisher", "app@", "mysql"))


def test_a_url_is_told_as_the_settings_tell_it() -> None:
    told = {name: said for name, _, said in Settings().described()}["BAILIWICK_DATABASE_URL"]

    with pytest.raises(DatabaseUnfit, match=f"must read {DATABASE_URL};"):
        Location.from_url("postgresql://app@host")

    assert DATABASE_URL in told


def test_a_role_that_would_count_for_nothing_is_refused() -> None:
    with pytest.raises(DatabaseUnfit, match="BAILIWICK_DATABASE_URL names no role") as refused:
        Location.from_url("postgresql://sales:king@db.test/sales")

    assert "king" not in str(refused.value)
    assert Superuser.from_url("postgresql://owner:king@db.test/postgres")


def test_a_url_says_where_and_how() -> None:
    found = Location.from_url("postgresql://:s%40@db.test:5433/sales?sslmode=require")

    assert (found.host, found.port, found.database) == ("db.test", 5433, "sales")
    assert (found.password, found.ssl) == ("s@", "require")
