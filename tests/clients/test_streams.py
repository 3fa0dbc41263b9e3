"""Subscriptions, as the reference clients of both protocols read them."""

from conftest import Running, node_tests


def test_the_reference_client_of_sockets(running: Running) -> None:
    node_tests(running, "streams/websocket.test.ts", expected=9)


def test_the_reference_client_of_server_sent_events(running: Running) -> None:
    node_tests(running, "streams/events.test.ts", expected=3)


def test_urqls_subscription_goes_on_where_it_was_cut(running: Running) -> None:
    node_tests(running, "urql/resumed.test.ts")
