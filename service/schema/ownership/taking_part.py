"""Whose own a deal is besides its owner's: everybody's who takes part in its credit."""

from typing import Final

from service.policies.access import RecordColumns
from service.tasks.commands import DEAL_WITH_YOUR_CUSTOMER

# Besides its closer, a deal is everybody's own who claims or disputes it, has a share of it, or
# was told that it is with a customer he tracked.
DEALS_OF_MINE: Final = f"""
SELECT c.deal_id FROM app.claim c WHERE c.tenant_id = $1 AND c.claimant_id = {{me}}
UNION
SELECT h.deal_id FROM app.credit_share h WHERE h.tenant_id = $1 AND h.member_id = {{me}}
UNION
SELECT x.deal_id FROM app.dispute x WHERE x.tenant_id = $1 AND x.first_member_id = {{me}}
UNION
SELECT x.deal_id FROM app.dispute x WHERE x.tenant_id = $1 AND x.second_member_id = {{me}}
UNION
SELECT n.subject_id FROM app.notification n
WHERE n.tenant_id = $1 AND n.member_id = {{me}} AND n.kind = '{DEAL_WITH_YOUR_CUSTOMER}'
"""
TAKING_PART: Final = f"""
CROSS JOIN LATERAL (SELECT CASE WHEN t.id IN ({DEALS_OF_MINE}) THEN {{me}} END AS owner_id) part
"""
TAKING_PART_TOO: Final = (
    RecordColumns(owner="t.closer_id", org_unit="t.org_unit_id", territory="t.territory_id"),
    RecordColumns(owner="part.owner_id", org_unit="t.org_unit_id", territory="t.territory_id"),
)
MINE: Final = {"part.owner_id": DEALS_OF_MINE}
