"""A statement that lacks a wall is refused before it runs."""

import pytest
from builders.reception import Showroom

from differential.both import Both
from service.identity.tokens import Claims
from service.schema.planner.mapping import Mapping
from service.schema.planner.statements import Statement
from service.schema.planner.walls import Unwalled, refuse_unwalled

WALLED = (
    "SELECT (SELECT 1 FROM app.tenant t WHERE t.tenant_id = $1::uuid) AS here,"
    " (SELECT row_to_json(o) FROM (SELECT t.name FROM app.member t"
    " JOIN app.site w ON w.tenant_id = $1 AND w.id = t.site_id"
    " WHERE t.tenant_id = $1 AND t.note <> 't.tenant_id = $1' AND app.search_word(t.note) > ''"
    " AND"
    " EXISTS (SELECT FROM app.visit AS v WHERE v.tenant_id = $1)) o) AS data"
)


PHONES = "query Q($id: ID!) { visit(id: $id) { phones } }"


async def _asked(both: Both, showroom: Showroom) -> str | None:
    member = showroom.people["An"]
    claims = Claims(member, showroom.tenant_id, member, operator=False, session_id=None)
    planned, plain = await both.ask(claims, PHONES, {"id": "visit_x"})
    assert planned.says() == plain.says()
    return planned.plan


async def test_a_type_read_without_its_scope_is_refused(
    both: Both, showroom: Showroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Statement, "_in_sight", lambda *_: "TRUE")
    with pytest.raises(Unwalled, match=r"visit\.view"):
        await _asked(both, showroom)


async def test_a_masked_field_without_its_mask_is_refused(
    both: Both, showroom: Showroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Statement, "masks", lambda *_: "TRUE")
    with pytest.raises(Unwalled, match=r"party\.view\.phone"):
        await _asked(both, showroom)


async def test_a_type_read_without_its_tenant_is_refused(
    both: Both, showroom: Showroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Statement.rows_of

    def forgetful(self: Statement, mapping: Mapping, beside: str = "") -> str:
        return whole(self, mapping, beside).replace("t.tenant_id = $1", "TRUE")

    monkeypatch.setattr(Statement, "rows_of", forgetful)
    with pytest.raises(Unwalled, match="without its tenant"):
        await _asked(both, showroom)


async def test_a_walled_read_is_planned(both: Both, showroom: Showroom) -> None:
    assert await _asked(both, showroom) == "sql"


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
