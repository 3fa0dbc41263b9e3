"""Generated clients: what the generator makes is strict, and an ordinary cache lives on it."""

import json
import os
from hashlib import sha256

import pytest
from conftest import FOLDER, ROOT, Running, carry_out, node_tests, npx

MANIFESTS = (
    "tests/clients/build/generated/persisted-documents.json",
    "docs/examples/phone/src/generated/persisted-documents.json",
    "docs/examples/web/src/generated/persisted-documents.json",
)


def test_the_generated_client_refuses_mistakes_before_it_runs() -> None:
    npx("tsc")


@pytest.mark.parametrize("manifest", MANIFESTS, ids=str)
def test_documents_go_by_the_hash_of_their_text(manifest: str) -> None:
    documents = json.loads((ROOT / manifest).read_text("utf-8"))

    assert len(documents) >= 4
    for name, text in documents.items():
        assert sha256(text.encode()).hexdigest() == name


def test_introspection_is_the_committed_schema(running: Running) -> None:
    node_tests(running, "typed/introspection.test.ts", expected=2)


def test_urql_with_its_normalised_cache(running: Running) -> None:
    node_tests(running, "urql/graphcache.test.ts", expected=7)


def test_the_schema_and_the_documents_follow_the_rules_of_graphql_eslint() -> None:
    eslint = FOLDER / "node_modules" / "eslint" / "bin" / "eslint.js"
    documents = ["tests/clients/documents/*.graphql", "docs/examples/*/documents/*.graphql"]
    files = ["service/schema/schema.graphql", *documents]
    settings = ["--max-warnings", "0", "--config", "tests/clients/eslint.config.js"]
    carry_out(["node", str(eslint), *settings, *files], os.environ, ROOT)
