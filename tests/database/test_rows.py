"""A row is what it holds: it prints, compares and refuses by its columns, unvalidated."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from service.customers.tables import Party

KNOWN: dict[str, Any] = {
    "tenant_id": UUID(int=1),
    "id": UUID(int=2),
    "created_at": date(2026, 3, 2),
    "full_name": "Chan",
}


def test_it_prints_and_compares_what_it_holds() -> None:
    one, same, other = Party(**KNOWN), Party(**KNOWN), Party(**KNOWN | {"full_name": "Li"})

    assert "full_name='Chan'" in repr(one)
    assert one == same
    assert one != other


def test_it_has_the_columns_of_its_table_and_those_it_must_be_given() -> None:
    row = Party(**KNOWN)
    row.full_name = "Li"

    assert (row.full_name, row.kind, row.version) == ("Li", "PERSON", 1)
    with pytest.raises(TypeError, match="colour"):
        Party(**KNOWN, colour="red")
    with pytest.raises(TypeError, match="created_at"):
        Party(tenant_id=UUID(int=1), id=UUID(int=2))
    with pytest.raises(AttributeError, match="Party has no column colour"):
        row.colour = "red"  # type: ignore[attr-defined]  # what is tried


def test_a_table_does_not_keep_how_its_rows_would_be_validated() -> None:
    kept = {name for name, held in vars(Party).items() if name.startswith("__pydantic_") and held}

    assert kept == {"__pydantic_custom_init__", "__pydantic_fields__"}
    assert len(set(map(id, Party.model_fields.values()))) == 1
