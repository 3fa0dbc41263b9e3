"""Documents are read once; only so many are kept, those used last."""

import pytest
from builders.api import SCHEMA

from service.schema.documents import Documents, Faults

TEXTS = [f"query Q{number} {{ viewer {{ locale }} }}" for number in range(4)]


def documents() -> Documents:
    return Documents(SCHEMA._schema)


def test_a_document_is_read_once() -> None:
    kept = documents()

    assert kept.read(TEXTS[0]) is kept.read(TEXTS[0])


def test_those_used_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.schema.documents._MOST_KEPT", 2)
    kept = documents()
    first, second = kept.read(TEXTS[0]), kept.read(TEXTS[1])
    kept.read(TEXTS[0])
    kept.read(TEXTS[2])

    assert kept.read(TEXTS[0]) is first
    assert kept.read(TEXTS[1]) is not second
    assert len(kept._kept) == 2


def test_long_documents_push_more_of_the_others_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.schema.documents._MOST_KEPT_CHARACTERS", 3 * len(TEXTS[0]))
    kept = documents()
    for text in TEXTS:
        kept.read(text)
    assert list(kept._kept) == TEXTS[1:]

    kept.read(TEXTS[0] + " " * len(TEXTS[0]))

    assert len(kept._kept) == 2
    assert kept._characters == sum(map(len, kept._kept))


def test_what_is_wrong_is_never_kept_and_said_with_its_place() -> None:
    kept = documents()

    with pytest.raises(Faults) as faults:
        kept.read("{ viewer { nothing } }")

    assert faults.value.errors[0].locations == [(1, 12)]
    assert not kept._kept
