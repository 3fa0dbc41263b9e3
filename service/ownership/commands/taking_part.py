"""Whose own a deal is to read, besides its owner's and its closer's."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from service.work import UnitOfWork

_NAME = """
INSERT INTO app.deal_member (tenant_id, id, deal_id, member_id, signed_at)
SELECT {}::uuid, named.id, {}::uuid, named.member_id, {}::timestamptz
FROM unnest({}::uuid[], {}::uuid[]) named (id, member_id)
ON CONFLICT (tenant_id, member_id, deal_id) DO NOTHING
"""


def take_part(
    work: UnitOfWork, deal_id: UUID, signed_at: datetime, members: Iterable[UUID | None]
) -> None:
    """Let members read a deal as their own, for good; who could already goes on.

    To be called by whatever lets somebody claim a deal, dispute it, have a share of it, or know of
    it: in the same transaction, so that no list lags behind.

    Args:
        work: the transaction.
        deal_id: the deal.
        signed_at: when it was signed.
        members: who takes part; None stands for nobody.
    """
    named = list(dict.fromkeys(member for member in members if member is not None))
    if named:
        ids = [work.new_id() for _ in named]
        work.write("deal_member", _NAME, work.tenant_id, deal_id, signed_at, ids, named)
