"""Clients in Python, in an environment that knows nothing of the server's code."""

from conftest import FOLDER, Running, carry_out

PYTHON = str(FOLDER / "build" / "python" / "bin" / "python")


def test_pythons_gql_reads_commands_and_pages(running: Running) -> None:
    carry_out([PYTHON, "-W", "error", "python/session.py"], running.environment())


def test_documents_made_from_the_schema_find_no_fault_and_learn_nothing(running: Running) -> None:
    said = carry_out([PYTHON, "python/documents.py"], running.environment())

    assert int(said.split()[0]) >= 200
