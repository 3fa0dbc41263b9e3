"""Generated clients: what the generator makes is strict, and an ordinary cache lives on it."""

import os

from conftest import FOLDER, ROOT, Running, carry_out, node_tests, npx


def test_the_generated_client_refuses_mistakes_before_it_runs() -> None:
    npx("tsc")


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
