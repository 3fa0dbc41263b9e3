"""What the ledger of credits says no with, and what its constraints mean."""

from dataclasses import dataclass
from typing import ClassVar

from service.database.constraints import answers
from service.errors import Refusal


@dataclass(eq=False, kw_only=True)
class CountedAlready(Refusal):
    """The metric has counted this source already; what counts twice is sent under another key."""

    code: ClassVar[str] = "COUNTED_ALREADY"


@dataclass(eq=False, kw_only=True)
class ContractsAreCounted(Refusal):
    """The metric has counted contracts of deals by itself: told of again, one would count twice."""

    code: ClassVar[str] = "CONTRACTS_ARE_COUNTED"


@dataclass(eq=False, kw_only=True)
class ReversedAlready(Refusal):
    """An amount is taken back once."""

    code: ClassVar[str] = "REVERSED_ALREADY"


@dataclass(eq=False, kw_only=True)
class PeriodIsClosed(Refusal):
    """The figures of a closed plan's days are not restated; a reversal counts today (4.4)."""

    code: ClassVar[str] = "PERIOD_IS_CLOSED"


answers("metric_credit_source_key", lambda _: CountedAlready(field=("input", "sourceKey")))
answers("metric_credit_reverses_id_key", lambda _: ReversedAlready(field=("input", "creditId")))
