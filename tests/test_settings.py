"""Settings come from the environment once; what is wrong is named in one sentence."""

import pytest
from pydantic import ValidationError

from service.settings import Settings, SettingsWrong

SECRET = "kingfisher-kingfisher-kingfisher"  # noqa: S105 - of nobody


def read(**variables: str) -> Settings:
    return Settings.from_environment({f"BAILIWICK_{name}": v for name, v in variables.items()})


def test_an_empty_environment_is_a_machine_of_its_own() -> None:
    settings = Settings.from_environment({})

    assert settings.database_url is None
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_what_could_hurt_is_off_until_somebody_switches_it_on() -> None:
    settings = Settings.from_environment({"PATH": "/usr/bin"})

    assert not settings.password_sign_in
    assert not settings.graphiql
    assert settings.oidc_issuer is None


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"PROT": "8000"}, "BAILIWICK_PROT"),
        ({"PORT": "eight"}, "BAILIWICK_PORT"),
        ({"PORT": "70000"}, "BAILIWICK_PORT"),
        ({"DATABASE": "drop table"}, "BAILIWICK_DATABASE"),
        ({"POOL_SIZE": "0"}, "BAILIWICK_POOL_SIZE"),
        ({"LOG_LEVEL": "loud"}, "BAILIWICK_LOG_LEVEL"),
        ({"ACCESS_TOKEN_SECONDS": "86400"}, "BAILIWICK_ACCESS_TOKEN_SECONDS"),
        ({"TOKEN_KEY": "short"}, "BAILIWICK_TOKEN_KEY"),
        ({"OIDC_ISSUER": "https://id.example"}, "BAILIWICK_OIDC_AUDIENCE"),
        ({"OIDC_AUDIENCE": "bailiwick"}, "BAILIWICK_OIDC_ISSUER"),
        ({"GRAPHIQL": "perhaps"}, "BAILIWICK_GRAPHIQL"),
        ({"HOME": ""}, "BAILIWICK_HOME"),
        ({"HOME": "bailiwick"}, "BAILIWICK_HOME"),
        ({"HOME": "~/bailiwick"}, "BAILIWICK_HOME"),
        ({"TOKEN_KEY": " "}, "BAILIWICK_TOKEN_KEY"),
        ({"HOST": "http://127.0.0.1"}, "BAILIWICK_HOST"),
        ({"HOST": "a..b"}, "BAILIWICK_HOST"),
        ({"TRUSTED_PROXY": "the-proxy"}, "BAILIWICK_TRUSTED_PROXY"),
        ({"TRUSTED_PROXY": "10.0.0.5,*"}, "BAILIWICK_TRUSTED_PROXY"),
        ({"TRUSTED_PROXY": "10.0.0.5,"}, "BAILIWICK_TRUSTED_PROXY"),
        ({"TRUSTED_PROXY": "10.0.0.5/24"}, "BAILIWICK_TRUSTED_PROXY"),
        ({"ALLOWED_ORIGINS": "app.example"}, "BAILIWICK_ALLOWED_ORIGINS"),
        ({"ALLOWED_ORIGINS": "https://app.example/"}, "BAILIWICK_ALLOWED_ORIGINS"),
        ({"ALLOWED_ORIGINS": "https://App.example"}, "BAILIWICK_ALLOWED_ORIGINS"),
        ({"ALLOWED_ORIGINS": "https://a@app.example"}, "BAILIWICK_ALLOWED_ORIGINS"),
        ({"ALLOWED_ORIGINS": "*"}, "BAILIWICK_ALLOWED_ORIGINS"),
    ],
    ids=str,
)
def test_a_wrong_setting_is_named_in_one_sentence(variables: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsWrong) as refused:
        read(**variables)

    assert named in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("name", ["TOKEN_KEY", "DATABASE_URL"])
def test_a_secret_is_not_shown_by_a_list_or_a_mistake(name: str) -> None:
    settings = read(**{name: SECRET})

    assert SECRET not in str(settings.described())
    assert SECRET not in repr(settings)


def test_a_secret_is_not_shown_when_it_is_refused() -> None:
    with pytest.raises(SettingsWrong) as refused:
        read(TOKEN_KEY="kingfisher")  # noqa: S106 - of nobody

    assert "kingfisher" not in str(refused.value)


def test_every_setting_says_what_it_is_for() -> None:
    for variable, _, purpose in Settings.from_environment({}).described():
        assert purpose.endswith((".", ")")), variable


def test_settings_do_not_change_while_the_product_runs() -> None:
    settings = read(PORT="9000")

    with pytest.raises(ValidationError):
        settings.port = 9001  # type: ignore[misc]  # the fault under test


def test_other_programs_variables_are_none_of_ours() -> None:
    assert Settings.from_environment({"DATABASE_URL": "x", "PORT": "y"}).port == 8000


@pytest.mark.parametrize(
    "address",
    [
        "https://id.example/realms/a",
        "http://localhost:8080",
        "http://127.0.0.9",
        "http://[::1]:81/a",
    ],
)
def test_an_identity_provider_is_reached_safely_or_on_this_machine(address: str) -> None:
    settings = read(OIDC_ISSUER=address, OIDC_AUDIENCE="bailiwick", OIDC_JWKS_URL=address)

    assert (settings.oidc_issuer, settings.oidc_jwks_url) == (address, address)


@pytest.mark.parametrize(
    "address",
    [
        "http://id.example",
        "http://localhost.example",
        "http://10.0.0.8",
        "http://127.0.0.1@id.example",
        "https://",
        "id.example",
        "ftp://localhost",
        "http://[::1",
    ],
)
@pytest.mark.parametrize("name", ["OIDC_ISSUER", "OIDC_JWKS_URL"])
def test_keys_that_could_be_changed_on_their_way_are_not_asked_for(name: str, address: str) -> None:
    wanted = {"OIDC_ISSUER": "https://id.example", "OIDC_AUDIENCE": "bailiwick", name: address}

    with pytest.raises(SettingsWrong, match=f"BAILIWICK_{name} must be an https address"):
        read(**wanted)


def test_nobody_may_say_where_a_caller_is_unless_he_is_named() -> None:
    assert Settings.from_environment({}).trusted_proxy is None
    named = Settings.from_environment({"BAILIWICK_TRUSTED_PROXY": "10.0.0.5"})
    assert named.trusted_proxy == "10.0.0.5"


def test_several_proxies_and_pages_are_named_with_commas() -> None:
    named = read(
        TRUSTED_PROXY="10.0.0.5, 2001:db8::/32",
        ALLOWED_ORIGINS="https://app.example, http://localhost:5173",
    )

    assert named.trusted_proxy == "10.0.0.5, 2001:db8::/32"
    assert named.origins == ("https://app.example", "http://localhost:5173")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "localhost", "dealer.example"])  # noqa: S104 - what may be said
def test_the_api_listens_on_an_address_or_a_name(host: str) -> None:
    assert read(HOST=host).host == host
