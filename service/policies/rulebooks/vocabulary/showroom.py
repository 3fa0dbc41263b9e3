"""The showroom's vocabulary: reception, ownership and disputes (rulebook 2.3 to 2.5, 2.7)."""

from service.policies.rulebooks.vocabulary import (
    showroom_disputes,
    showroom_ownership,
    showroom_reception,
)
from service.policies.rulebooks.vocabulary.kinds import Flag, Number, Vocabulary, Words
from service.policies.rulebooks.vocabulary.showroom_parameters import EXPLAINED
from service.policies.rulebooks.vocabulary.showroom_words import WORDS

DAYS = 36_500

SHOWROOM = Vocabulary(
    policy="showroom",
    decisions={
        decision.name: decision
        for decision in (
            *showroom_reception.DECISIONS,
            *showroom_ownership.DECISIONS,
            *showroom_disputes.DECISIONS,
        )
    },
    words=WORDS,
    parameters={
        "tracking.days": Number(0, DAYS),
        "tracking.max_total_days": Number(0, DAYS),
        "followup.first_due_days": Number(0, DAYS),
    },
    orders=("SIGN_IN", "FEWEST_NEW", "WEIGHTED", "OPEN_FLOOR"),
    rotation={
        "weight": Number(1, 1_000),
        "capacity_per_day": Number(0, 1_000),
        "by_shift": Flag(),
    },
    per_rep=frozenset({"weight", "capacity_per_day"}),
    explained=EXPLAINED,
    optional={
        "claim.auto_notify": Flag(),
        "claim.exclude_start_day": Flag(),
        "merge.order_by": Words(("ENTRY", "RECEPTION")),
    },
)
