"""Our own access tokens: whole, typed, short-lived."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from service.clock import ManualClock, new_id
from service.identity.tokens import Claims, Tokens, new_refresh_token

KEY, ISSUER = "k" * 32, "https://bailiwick.test"
REP = Claims(new_id(), new_id(), new_id(), operator=False, session_id=new_id())


def tokens(clock: ManualClock, key: str = KEY, issuer: str = ISSUER) -> Tokens:
    return Tokens(key, issuer, timedelta(minutes=10), clock)


def test_a_token_says_what_was_signed_into_it(clock: ManualClock) -> None:
    operator = Claims(new_id(), None, None, operator=True, session_id=new_id())

    for claims in (REP, operator):
        assert tokens(clock).verify(tokens(clock).issue(claims)) == claims


def test_a_token_is_good_for_ten_minutes_and_not_a_second_more(clock: ManualClock) -> None:
    token = tokens(clock).issue(REP)

    clock.advance(timedelta(minutes=10, seconds=-1))
    assert tokens(clock).verify(token) == REP
    clock.advance(timedelta(seconds=1))
    assert tokens(clock).verify(token) is None


def test_a_token_that_has_been_good_all_day_ends_like_any_other(clock: ManualClock) -> None:
    ours = tokens(clock)
    token = ours.issue(REP)
    assert ours.verify(token) == REP

    clock.advance(timedelta(minutes=10))
    assert ours.verify(token) is None


def test_a_token_of_another_key_or_issuer_is_worth_nothing(clock: ManualClock) -> None:
    assert tokens(clock).verify(tokens(clock, key="j" * 32).issue(REP)) is None
    assert tokens(clock).verify(tokens(clock, issuer="https://other.test").issue(REP)) is None


@pytest.mark.parametrize(
    ("header", "changes"),
    [
        ({"alg": "HS256"}, {}),
        ({"alg": "HS256", "typ": "JWT"}, {}),
        ({"alg": "HS512", "typ": "at+jwt"}, {}),
        ({"alg": "HS256", "typ": "at+jwt"}, {"aud": "payroll"}),
        ({"alg": "HS256", "typ": "at+jwt"}, {"sub": "nobody"}),
        ({"alg": "HS256", "typ": "at+jwt"}, {"exp": "soon"}),
    ],
    ids=str,
)
def test_our_own_key_signs_access_tokens_only(
    clock: ManualClock, header: dict[str, str], changes: dict[str, object]
) -> None:
    key = OctKey.import_key(hashlib.sha256(KEY.encode()).digest())
    now = int(clock.now().timestamp())
    good = {"iss": ISSUER, "aud": "bailiwick", "sub": str(new_id()), "exp": now + 60}

    made = jwt.encode(header, good | changes, key, algorithms=["HS256", "HS512"])

    assert tokens(clock).verify(made) is None


def test_an_independent_library_reads_our_tokens_and_we_read_its(clock: ManualClock) -> None:
    key = OctKey.import_key(hashlib.sha256(KEY.encode()).digest())

    read = jwt.decode(tokens(clock).issue(REP), key, algorithms=["HS256"])
    written = jwt.encode({"alg": "HS256", "typ": "at+jwt"}, read.claims, key)

    assert read.header == {"alg": "HS256", "typ": "at+jwt"}
    assert read.claims["sub"] == str(REP.user_id)
    assert tokens(clock).verify(written) == REP


@given(place=st.integers(0, 400), letter=st.sampled_from("AZaz09-_.=é\x00 "))
def test_a_token_with_one_letter_changed_is_worth_nothing(place: int, letter: str) -> None:
    clock = ManualClock(datetime(2026, 3, 2, tzinfo=UTC))
    good = tokens(clock).issue(REP)
    changed = good[:place] + letter + good[place + 1 :]

    assert changed == good or tokens(clock).verify(changed) is None


def test_no_other_algorithm_is_taken(clock: ManualClock) -> None:
    key = RSAKey.generate_key(2048)
    now = int(clock.now().timestamp())
    body = {"iss": ISSUER, "aud": "bailiwick", "sub": str(new_id()), "exp": now + 60}

    assert tokens(clock).verify(jwt.encode({"alg": "RS256", "typ": "at+jwt"}, body, key)) is None
    assert tokens(clock).verify("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30.") is None
    assert tokens(clock).verify("") is None


def test_refresh_tokens_are_long_and_never_alike() -> None:
    made = {new_refresh_token() for _ in range(100)}

    assert len(made) == 100
    assert min(map(len, made)) >= 43
