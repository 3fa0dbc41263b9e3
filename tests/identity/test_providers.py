"""An identity provider's tokens: whose are believed, and what a forger tries."""

import asyncio
import base64
import json
from typing import Any

import pytest
from builders.identity import Stopwatch
from builders.issuer import AUDIENCE, FIRST_KEY, SECOND_KEY, Issuer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from service.clock import ManualClock
from service.identity.providers import Provider
from service.identity.subjects import Subject

FORGERS_KEY = RSAKey.generate_key(2048, {"kid": "spring"})


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def a_provider(issuer: Issuer, clock: ManualClock, stopwatch: Stopwatch | None = None) -> Provider:
    return Provider(issuer.url, AUDIENCE, clock, stopwatch=stopwatch or Stopwatch())


async def test_a_good_token_says_who_it_speaks_of(issuer: Issuer, clock: ManualClock) -> None:
    found = await a_provider(issuer, clock).verify(issuer.token(clock))

    assert found == Subject(issuer.url, "0042")


async def test_one_of_several_audiences_may_be_ours(issuer: Issuer, clock: ManualClock) -> None:
    token = issuer.token(clock, aud=["payroll", AUDIENCE])

    assert await a_provider(issuer, clock).verify(token) is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "payroll"},
        {"aud": ["payroll"]},
        {"aud": None},
        {"iss": "https://another.example"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 42},
        {"sub": "00\x0042"},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": True},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"nbf": "tomorrow"},
    ],
    ids=str,
)
async def test_a_claim_that_is_wrong_or_missing_spoils_the_token(
    issuer: Issuer, clock: ManualClock, changes: dict[str, Any]
) -> None:
    assert await a_provider(issuer, clock).verify(issuer.token(clock, **changes)) is None


async def test_a_token_is_good_up_to_its_end_and_not_at_it(
    issuer: Issuer, clock: ManualClock
) -> None:
    provider, now = a_provider(issuer, clock), int(clock.now().timestamp())

    assert await provider.verify(issuer.token(clock, exp=now + 1)) is not None
    assert await provider.verify(issuer.token(clock, exp=now)) is None


async def test_a_token_of_the_future_waits_but_half_a_minute_of_clock_error_is_forgiven(
    issuer: Issuer, clock: ManualClock
) -> None:
    provider, now = a_provider(issuer, clock), int(clock.now().timestamp())

    assert await provider.verify(issuer.token(clock, nbf=now + 30)) is not None
    assert await provider.verify(issuer.token(clock, nbf=now + 31)) is None


async def test_a_signature_by_somebody_elses_key_is_refused(
    issuer: Issuer, clock: ManualClock
) -> None:
    forged = issuer.token(clock, FORGERS_KEY)

    assert await a_provider(issuer, clock).verify(forged) is None


async def test_a_key_brought_along_in_the_header_is_not_believed(
    issuer: Issuer, clock: ManualClock
) -> None:
    header = {
        "alg": "RS256",
        "kid": "spring",
        "jwk": FORGERS_KEY.as_dict(private=False),
        "jku": f"{issuer.url}/keys",
    }
    forged = jwt.encode(header, issuer.claims(clock), FORGERS_KEY)

    assert await a_provider(issuer, clock).verify(forged) is None


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
async def test_a_token_without_signature_is_refused(
    issuer: Issuer, clock: ManualClock, algorithm: str
) -> None:
    header = {"alg": algorithm, "kid": "spring"}
    unsigned = f"{part(header)}.{part(issuer.claims(clock))}."

    assert await a_provider(issuer, clock).verify(unsigned) is None


@pytest.mark.parametrize(
    "secret", [FIRST_KEY.as_pem(private=False), FIRST_KEY.as_der(private=False)]
)
async def test_the_public_key_is_no_shared_secret(
    issuer: Issuer, clock: ManualClock, secret: bytes
) -> None:
    confused = OctKey.import_key(base64.urlsafe_b64encode(secret).decode())
    forged = jwt.encode({"alg": "HS256", "kid": "spring"}, issuer.claims(clock), confused)

    assert await a_provider(issuer, clock).verify(forged) is None


async def test_a_shared_secret_among_the_published_keys_is_passed_over(
    issuer: Issuer, clock: ManualClock
) -> None:
    shared = OctKey.generate_key(256, {"kid": "shared"})
    issuer.keys.append(shared.as_dict(private=True))
    provider = a_provider(issuer, clock)

    forged = jwt.encode({"alg": "HS256", "kid": "shared"}, issuer.claims(clock), shared)

    assert await provider.verify(forged) is None
    assert await provider.verify(issuer.token(clock)) is not None


async def test_a_key_of_an_unknown_kind_does_not_spoil_the_others(
    issuer: Issuer, clock: ManualClock
) -> None:
    issuer.keys[:0] = [{"kty": "LATTICE", "kid": "x"}, {"kty": "EC", "crv": "P-999", "kid": "y"}]

    assert await a_provider(issuer, clock).verify(issuer.token(clock)) is not None


async def test_a_key_for_encrypting_signs_nothing(issuer: Issuer, clock: ManualClock) -> None:
    issuer.keys = [FIRST_KEY.as_dict(private=False) | {"use": "enc"}]

    assert await a_provider(issuer, clock).verify(issuer.token(clock)) is None


async def test_a_new_key_is_fetched_when_a_token_names_it(
    issuer: Issuer, clock: ManualClock
) -> None:
    stopwatch = Stopwatch()
    provider = a_provider(issuer, clock, stopwatch)
    assert await provider.verify(issuer.token(clock)) is not None

    issuer.keys = [SECOND_KEY.as_dict(private=False)]
    stopwatch.seconds += 10

    assert await provider.verify(issuer.token(clock, SECOND_KEY)) is not None


async def test_a_withdrawn_key_is_forgotten_after_ten_minutes(
    issuer: Issuer, clock: ManualClock
) -> None:
    stopwatch = Stopwatch()
    provider = a_provider(issuer, clock, stopwatch)
    assert await provider.verify(issuer.token(clock)) is not None

    issuer.keys = [SECOND_KEY.as_dict(private=False)]
    stopwatch.seconds += 600

    assert await provider.verify(issuer.token(clock)) is None


async def test_a_storm_of_unknown_keys_is_one_question_to_the_provider(
    issuer: Issuer, clock: ManualClock
) -> None:
    stopwatch = Stopwatch()
    provider = a_provider(issuer, clock, stopwatch)
    assert await provider.verify(issuer.token(clock)) is not None
    issuer.asked.clear()
    stopwatch.seconds += 10

    storm = [
        jwt.encode({"alg": "RS256", "kid": f"k{n}"}, issuer.claims(clock), FORGERS_KEY)
        for n in range(50)
    ]
    answers = await asyncio.gather(*map(provider.verify, storm))

    assert answers == [None] * 50
    assert issuer.asked == ["/keys"]


async def test_what_is_no_signed_token_does_not_reach_the_provider(
    issuer: Issuer, clock: ManualClock
) -> None:
    provider = a_provider(issuer, clock)

    for rubbish in ("", "a", "a.b.c", "....", "ü", f"{part([])}.{part({})}.x", "x" * 9000):
        assert await provider.verify(rubbish) is None

    assert issuer.asked == []


async def test_while_the_provider_is_away_its_last_keys_hold(
    issuer: Issuer, clock: ManualClock
) -> None:
    stopwatch = Stopwatch()
    provider = a_provider(issuer, clock, stopwatch)
    assert await provider.verify(issuer.token(clock)) is not None

    issuer.down = True
    stopwatch.seconds += 600

    assert await provider.verify(issuer.token(clock)) is not None


async def test_a_provider_that_was_away_at_the_start_is_asked_again_after_ten_seconds(
    issuer: Issuer, clock: ManualClock
) -> None:
    stopwatch = Stopwatch()
    provider = a_provider(issuer, clock, stopwatch)
    issuer.down = True
    assert await provider.verify(issuer.token(clock)) is None
    assert await provider.verify(issuer.token(clock)) is None
    assert len(issuer.asked) == 1

    issuer.down = False
    stopwatch.seconds += 10

    assert await provider.verify(issuer.token(clock)) is not None


async def test_a_discovery_document_of_another_issuer_is_not_followed(
    issuer: Issuer, clock: ManualClock
) -> None:
    issuer.discovered_issuer = "https://another.example"

    assert await a_provider(issuer, clock).verify(issuer.token(clock)) is None
    assert "/keys" not in issuer.asked


async def test_keys_may_be_had_from_an_address_the_operator_names(
    issuer: Issuer, clock: ManualClock
) -> None:
    provider = Provider(issuer.url, AUDIENCE, clock, f"{issuer.url}/keys")

    assert await provider.verify(issuer.token(clock)) is not None
    assert issuer.asked == ["/keys"]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(position=st.integers(0, 400), letter=st.sampled_from("Aa0_-.=\n"))
async def test_no_change_of_a_single_letter_goes_unnoticed(
    issuer: Issuer, clock: ManualClock, position: int, letter: str
) -> None:
    token = issuer.token(clock)
    at = position % (len(token) - 4)
    changed = token[:at] + letter + token[at + 1 :]

    found = await a_provider(issuer, clock).verify(changed)

    assert (found is None) == (changed != token)
