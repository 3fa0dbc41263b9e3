"""What a replay holds for final is what the deal itself held for final at that instant."""

from uuid import UUID

import pytest

from service.ownership.rules.crediting import UNDISPUTED, Closing, Resolution
from service.replay.credits import Deal
from service.replay.history import NONE

SIGNED, CLOSES, LAPSES = 1_000, 5_000, 9_000


def a_deal(word: str, appeal_until: int) -> Deal:
    member = UUID(int=1)
    return Deal(
        number=0,
        closing=Closing(member, "MEMBER", member, "NONE"),
        first_at=SIGNED,
        signed_at=SIGNED,
        closes_at=CLOSES,
        shares=(),
        rule="",
        dispute=UNDISPUTED if word == "NONE" else Resolution(word),
        appeal_until=appeal_until,
    )


@pytest.mark.parametrize(
    ("word", "appeal_until", "final_from"),
    [
        ("NONE", NONE, CLOSES),
        ("OPEN", NONE, None),
        ("SETTLED", NONE, SIGNED),
        ("DECIDED", NONE, SIGNED),
        # Whether the worker has said so yet or not: the appeal has lapsed.
        ("APPEALABLE", LAPSES, LAPSES),
    ],
)
def test_a_deal_is_final_from_the_end_of_its_claims_dispute_or_appeal_on(
    word: str, appeal_until: int, final_from: int | None
) -> None:
    deal = a_deal(word, appeal_until)
    instants = (SIGNED, CLOSES - 1, CLOSES, LAPSES - 1, LAPSES)
    final = [at for at in instants if deal.final_at(at)]
    assert final == [at for at in instants if final_from is not None and at >= final_from]
