"""An identity provider on the loopback address: discovery, keys, and the tokens it signs."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from service.clock import ManualClock

AUDIENCE = "bailiwick-showroom"
# Making an RSA key takes a while: two serve every test.
FIRST_KEY = RSAKey.generate_key(2048, {"kid": "spring", "use": "sig"})
SECOND_KEY = ECKey.generate_key("P-256", {"kid": "autumn", "use": "sig"})


class Issuer:
    """What the provider publishes, and how often it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: list[Any] = [FIRST_KEY.as_dict(private=False)]
        self.discovered_issuer = url
        self.down = False
        self.asked: list[str] = []

    def answer(self, path: str) -> object | None:
        """Return the JSON of a path; None when there is none, or the provider is away."""
        self.asked.append(path)
        if self.down:
            return None
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.discovered_issuer, "jwks_uri": f"{self.url}/keys"}
        return {"keys": self.keys} if path == "/keys" else None

    def claims(self, clock: ManualClock, **changes: object) -> dict[str, object]:
        """Return good claims for the test's instant; a change to None leaves a claim out."""
        now = int(clock.now().timestamp())
        good = {"iss": self.url, "aud": AUDIENCE, "sub": "0042", "iat": now, "exp": now + 300}
        return {name: value for name, value in (good | changes).items() if value is not None}

    def token(self, clock: ManualClock, key: Any = FIRST_KEY, **changes: object) -> str:
        """Sign good claims, changed as said, with a key."""
        algorithm = "RS256" if isinstance(key, RSAKey) else "ES256"
        return jwt.encode({"alg": algorithm, "kid": key.kid}, self.claims(clock, **changes), key)


@contextmanager
def an_issuer() -> Iterator[Issuer]:
    """Run a provider for a while."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = issuer.answer(self.path)
            body = json.dumps(found).encode()
            self.send_response(503 if found is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
