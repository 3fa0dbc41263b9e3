"""Generated clients: what the generator makes is strict, and an ordinary cache lives on it."""

import json
import os
from hashlib import sha256

import pytest
from conftest import FOLDER, ROOT, Running, carry_out, node_tests

GENERATED = FOLDER / "build" / "generated"


@pytest.fixture(scope="session", autouse=True)
def generated() -> None:
    """The typed documents, made anew by graphql-codegen's `client-preset`."""
    carry_out(["npx", "--no-install", "graphql-codegen", "--config", "codegen.ts"], os.environ)


def test_the_generated_client_refuses_mistakes_before_it_runs() -> None:
    carry_out(["npx", "--no-install", "tsc"], os.environ)


def test_documents_go_by_the_hash_of_their_text() -> None:
    manifest = json.loads((GENERATED / "persisted-documents.json").read_text("utf-8"))

    assert len(manifest) >= 5
    for name, text in manifest.items():
        assert sha256(text.encode()).hexdigest() == name


def test_introspection_is_the_committed_schema(running: Running) -> None:
    node_tests(running, "typed/introspection.test.ts", expected=2)


def test_urql_with_its_normalised_cache(running: Running) -> None:
    node_tests(running, "urql/graphcache.test.ts", expected=7)


def test_the_schema_and_the_documents_follow_the_rules_of_graphql_eslint() -> None:
    eslint = FOLDER / "node_modules" / "eslint" / "bin" / "eslint.js"
    files = ["service/schema/schema.graphql", "tests/clients/documents/**/*.graphql"]
    settings = ["--max-warnings", "0", "--config", "tests/clients/eslint.config.js"]
    carry_out(["node", str(eslint), *settings, *files], os.environ, ROOT)
