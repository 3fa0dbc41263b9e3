"""GraphQL over HTTP, as the published audits read it."""

from conftest import Running, node_tests


def test_the_published_audits_of_graphql_over_http_find_nothing(running: Running) -> None:
    node_tests(running, "http/audits.test.ts", expected=61)
