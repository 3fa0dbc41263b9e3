"""The example clients of the documents run, and keep what they promise."""

from conftest import EXAMPLES, Running, carry_out, node_tests, npx


def test_the_examples_are_strictly_typed_and_can_be_built() -> None:
    npx("tsc", folder=EXAMPLES)
    npx("vite", "build", "--logLevel", "error", folder=EXAMPLES / "web")

    assert list((EXAMPLES / "web" / "dist" / "assets").glob("*.js"))


def test_the_web_page_is_a_desk(running: Running) -> None:
    node_tests(running, "web/desk.test.ts", expected=8)


def test_the_phones_queue_loses_nothing_and_doubles_nothing(running: Running) -> None:
    node_tests(running, "phone/offline.test.ts", expected=3)


def test_the_phones_example_is_started_as_it_is_told(running: Running) -> None:
    words = [running.url, "huating.desk", running.password]
    command = ["npm", "start", "--silent", "--workspace", "phone", "--", *words]
    said = carry_out(command, running.environment(), EXAMPLES)

    before, after = said.split("with a line:", 1)
    assert "left: 3" in before
    assert "left: 0" in after
