"""A deal that two reps may want: one tracked the customer, the other sold to the buyer."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from builders.ownership import Showroom, a_showroom

from service.clock import ManualClock
from service.ownership.commands import FileClaim, file_claim
from service.ownership.queries import Credit, credit_of
from service.work import Transactions, UnitOfWork


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


@dataclass(frozen=True)
class Sale:
    """An registered Wang on 2 March; on 5 March Bo sells to the buyer."""

    house: Showroom
    clock: ManualClock
    wang: UUID
    buyer: UUID
    entry_id: UUID
    deal_id: UUID

    async def claim(self, text: str, by: str = "An", **changes: Any) -> Any:
        """File a claim at an instant and return the claim's row."""
        self.clock.set(shanghai(text))
        claim_id = await self.house.by(by, file_claim, FileClaim(self.deal_id, **changes))
        return await self.house.row("claim", claim_id)

    async def vouch(self, text: str, by: str = "Mei", **changes: Any) -> Any:
        """Have somebody file An's claim on his entry, vouching that Wang is the buyer."""
        stated: dict[str, Any] = {
            "registration_id": self.entry_id,
            "claimant_id": self.house.members["An"],
            "stated_same_customer": True,
        }
        return await self.claim(text, by, **(stated | changes))

    async def credit(self, text: str) -> Credit:
        self.clock.set(shanghai(text))

        async def read(work: UnitOfWork) -> Credit:
            return await credit_of(work, self.deal_id, work.now)

        credit: Credit = await self.house.inside(read)
        return credit

    async def holders(self, text: str) -> dict[str, int]:
        names = {member_id: name for name, member_id in self.house.members.items()}
        shares = (await self.credit(text)).shares
        return {names[s.member_id] if s.member_id else s.holder: s.basis_points for s in shares}


async def a_sale(
    transactions: Transactions,
    clock: ManualClock,
    *,
    same_buyer: bool = True,
    deal: dict[str, Any] | None = None,
    **overrides: object,
) -> Sale:
    house = await a_showroom(transactions, **overrides)  # type: ignore[arg-type]
    wang = await house.a_party("Wang")
    clock.set(shanghai("03-02 09:30"))
    entry_id = await house.a_registration("An", wang)
    buyer = wang if same_buyer else await house.a_party("Wife")
    clock.set(shanghai("03-05 09:00"))
    visit = await house.a_visit("Bo", buyer)
    clock.set(shanghai("03-05 11:00"))
    deal_id = await house.a_deal(visit, unit_code="8-301", **(deal or {}))
    return Sale(house, clock, wang, buyer, entry_id, deal_id)
