"""One customer at two sites of a company: one or two, as the tenant says (2.8 #42)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from builders.rulebooks import showroom_document

from service.ownership.rules import (
    Hearing,
    Kinship,
    Known,
    Purchase,
    is_same_at,
    judge_claim,
)
from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM

EAST, WEST = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)
WANG = uuid4()
REGISTERED = Known(
    id=uuid4(),
    member_id=uuid4(),
    party_id=WANG,
    register_book_id=uuid4(),
    entered_at=NOW - timedelta(days=2),
    received_at=NOW - timedelta(days=2),
    protected_until=NOW + timedelta(days=5),
    valid=True,
    voided=False,
    member_active=True,
    site_id=EAST,
)
BOUGHT = Purchase(
    party_id=WANG,
    unit_code=None,
    visit_arrived_at=NOW,
    first_arrived_at=NOW,
    signed_at=NOW,
    owner_id=uuid4(),
    claims_close_at=NOW + timedelta(days=3),
    zone=ZoneInfo("Asia/Shanghai"),
    site_id=EAST,
)


@pytest.mark.parametrize(
    ("scope", "site", "reason"),
    [
        ("SITE", EAST, "NONE"),
        ("SITE", WEST, "NOT_SAME_CUSTOMER"),
        ("TENANT", EAST, "NONE"),
        ("TENANT", WEST, "NONE"),
    ],
)
def test_a_claim_on_another_sites_entry_is_heard_where_the_tenant_says_so(
    scope: str, site: UUID, reason: str
) -> None:
    rules = compile_rulebook(showroom_document(), SHOWROOM, {"customer.identity_scope": scope})
    purchase = replace(BOUGHT, site_id=site)
    hearing = Hearing(purchase, Kinship(()), (), NOW, stated_same_customer=False)

    judged = judge_claim(rules, hearing, [REGISTERED])

    assert judged.outcome.then["reason"] == reason
    assert is_same_at(rules, REGISTERED, site) is (reason == "NONE")
