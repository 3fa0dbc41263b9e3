"""A statement that lacks a wall is refused before it runs."""

import pytest

from service.schema.planner.walls import Unwalled, refuse_unwalled

WALLED = (
    "SELECT (SELECT 1 FROM app.tenant t WHERE t.tenant_id = $1::uuid) AS here,"
    " (SELECT row_to_json(o) FROM (SELECT t.name FROM app.member t"
    " JOIN app.site w ON w.tenant_id = $1 AND w.id = t.site_id"
    " WHERE t.tenant_id = $1 AND t.note <> 't.tenant_id = $1' AND app.search_word(t.note) > ''"
    " AND"
    " EXISTS (SELECT FROM app.visit AS v WHERE v.tenant_id = $1)) o) AS data"
)


def test_a_walled_statement_passes() -> None:
    refuse_unwalled(WALLED)


@pytest.mark.parametrize(
    ("wall", "gap"),
    [
        ("WHERE t.tenant_id = $1 AND t.note", "WHERE t.note"),
        ("w.tenant_id = $1 AND ", ""),
        ("WHERE v.tenant_id = $1", ""),
        ("WHERE v.tenant_id = $1", "WHERE v.tenant_id = $2"),
        ("AS here", "AS there"),
    ],
)
def test_without_one_of_its_walls_it_is_refused(wall: str, gap: str) -> None:
    assert wall in WALLED
    with pytest.raises(Unwalled):
        refuse_unwalled(WALLED.replace(wall, gap))
