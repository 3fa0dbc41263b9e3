"""Trusted documents: the manifests that the generators write are what the server registers."""

import json
import os
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from conftest import CLIENTS, MANIFESTS, Running, carry_out, node_tests

BAILIWICK = str(Path(sys.executable).parent / "bailiwick")


@pytest.mark.parametrize("client", sorted(CLIENTS))
def test_documents_go_by_the_hash_of_their_text(client: str, generated: None) -> None:  # noqa: ARG001
    (manifest,) = (MANIFESTS / client).iterdir()
    documents = json.loads(manifest.read_text("utf-8"))

    assert len(documents) >= 4
    for name, text in documents.items():
        assert sha256(text.encode()).hexdigest() == name


def test_the_operator_sees_what_each_document_costs_and_that_all_can_be_answered(
    generated: None,  # noqa: ARG001
) -> None:
    said = carry_out([BAILIWICK, "documents", "check", str(MANIFESTS)], os.environ)

    manifests = [json.loads(path.read_text("utf-8")) for path in MANIFESTS.glob("*/*.json")]
    names = [name for documents in manifests for name in documents]
    assert len(names) >= 15
    for name in names:
        assert name[:8] in said, said


def test_documents_are_asked_by_hash_and_kept_by_their_tag(running: Running) -> None:
    node_tests(running, "typed/trusted.test.ts", expected=4)
