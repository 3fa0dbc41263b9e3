"""Our own access tokens: whole, typed, short-lived."""

from datetime import timedelta

import pytest
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
    import hashlib  # noqa: PLC0415 - for the key alone

    key = OctKey.import_key(hashlib.sha256(KEY.encode()).digest())
    now = int(clock.now().timestamp())
    good = {"iss": ISSUER, "aud": "bailiwick", "sub": str(new_id()), "exp": now + 60}

    made = jwt.encode(header, good | changes, key, algorithms=["HS256", "HS512"])

    assert tokens(clock).verify(made) is None


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
