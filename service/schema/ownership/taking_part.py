"""Whose own a deal is besides its owner's: its closer's, and everybody's who takes part in it."""

from typing import Final

from service.ownership.tables import DealMember
from service.policies.access import RecordColumns
from service.schema.planner.naming import Naming

_NAMING: Final = Naming(DealMember, "deal_id", {"t.signed_at": "signed_at"})
TAKING_PART: Final = _NAMING.joined("part")
TAKING_PART_TOO: Final = (
    RecordColumns(owner="t.closer_id", org_unit="t.org_unit_id", territory="t.territory_id"),
    RecordColumns(owner="part.owner_id", org_unit="t.org_unit_id", territory="t.territory_id"),
)
MINE: Final = {"part.owner_id": _NAMING}
