"""What can be followed, and which events of the outbox change it.

All that one transaction did to a record is one change of it, however many events it wrote.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from service.campaigns import events as campaigns
from service.credits.events import MetricCreditEntered
from service.delivery.places import Place
from service.journal.events import DecisionMade
from service.organisation.events import MemberLeft, RightsChanged
from service.reception import events as reception
from service.rulebooks import events as rulebooks
from service.targets import events as targets
from service.tasks import events as tasks
from service.territories import events as territories

Row: TypeAlias = Any  # asyncpg's, with the columns of `reading`


@dataclass(frozen=True, slots=True)
class Topic:
    """A kind of record that can be followed.

    Attributes:
        key: where an event's body names the record.
        words: what each kind of event does to it, as the API says it.
    """

    name: str
    key: str
    words: Mapping[str, str]


def _words(*events: type[Any], **renamed: str) -> dict[str, str]:
    return {event.__name__: _word(event.__name__) for event in events} | renamed


def _word(name: str) -> str:
    return "".join(f"_{c}" if c.isupper() and at else c.upper() for at, c in enumerate(name))


RECEPTION_QUEUE: Final = Topic(
    "reception_queue",
    "site_id",
    _words(
        reception.RepSignedIn,
        reception.RepSignedOut,
        reception.RepWentAway,
        reception.RepCameBack,
        reception.RepTookDayOff,
        reception.PlaceLost,
        reception.TurnConsumed,
        reception.TurnRestored,
        reception.RotationPenalised,
        reception.SiteEdited,
        reception.ReceptionAssigned,
        reception.ReceptionReassigned,
        reception.VisitClosed,
    ),
)
VISIT: Final = Topic(
    "visit",
    "visit_id",
    _words(
        reception.VisitArrived,
        reception.ReceptionAssigned,
        reception.ReceptionReassigned,
        reception.SurveyExposed,
        reception.VisitClosed,
    ),
)
TASK: Final = Topic(
    "task",
    "task_id",
    _words(tasks.TaskAssigned, tasks.TaskOwed, tasks.TaskCompleted, tasks.TaskCancelled),
)
SIMULATION: Final = Topic(
    "rulebook_simulation",
    "simulation_id",
    _words(
        rulebooks.SimulationStarted,
        rulebooks.SimulationAdvanced,
        rulebooks.SimulationEnded,
    ),
)
TARGET: Final = Topic("target_node", "node_id", _words(targets.TargetAdjusted))
TARGET_PLAN: Final = Topic(
    "target_plan", "plan_id", _words(targets.TargetPlanChanged, targets.TargetPublished)
)
# Whom it brought and what it cost is not for everybody who sees it.
CAMPAIGN: Final = Topic(
    "campaign", "campaign_id", _words(campaigns.CampaignChanged, campaigns.CampaignCancelled)
)
TERRITORY_MODEL: Final = Topic(
    "territory_model",
    "territory_model_id",
    _words(
        territories.TerritoryAnnounced,
        territories.TerritoryActivated,
        territories.TerritoryWithdrawn,
    ),
)
METRIC_CREDIT: Final = Topic("metric_credit", "metric_credit_id", _words(MetricCreditEntered))
DECISION: Final = Topic("decision", "decision_id", _words(DecisionMade))
TOPICS: Final = (
    RECEPTION_QUEUE,
    VISIT,
    TASK,
    SIMULATION,
    TARGET,
    TARGET_PLAN,
    CAMPAIGN,
    TERRITORY_MODEL,
    METRIC_CREDIT,
    DECISION,
)

# After these, what a follower may see is asked again at once.
OF_RIGHTS: Final = frozenset({RightsChanged.__name__, MemberLeft.__name__})
KINDS: Final = sorted({kind for topic in TOPICS for kind in topic.words} | OF_RIGHTS)


@dataclass(slots=True)
class Change:
    """What one transaction did to one record.

    Attributes:
        words: what it did, in the order it did it.
        place: of its last event.
        named: ids and words that the events name, as text; followers choose by them.
    """

    topic: Topic
    record_id: UUID
    words: tuple[str, ...]
    place: Place
    at: datetime
    named: dict[str, Any]


def changes_of(rows: Iterable[Row], topics: Iterable[Topic] = TOPICS) -> list[Change]:
    """Return what events did, record by record, ordered by place."""
    found: dict[tuple[str, str, int], Change] = {}
    wanted = tuple(topics)
    for row in rows:
        for topic in wanted:
            word = topic.words.get(row["kind"])
            record = row["body"].get(topic.key) if word else None
            if word is None or record is None:
                continue
            place = Place(row["transaction"], row["position"])
            key = (topic.name, record, place.transaction)
            known = found.get(key)
            if known is None:
                found[key] = Change(
                    topic, UUID(record), (word,), place, row["at"], dict(row["body"])
                )
            else:
                known.place = place
                known.named |= row["body"]
                if word not in known.words:
                    known.words = (*known.words, word)
    return sorted(found.values(), key=lambda change: change.place)


@dataclass(frozen=True, slots=True)
class Interest:
    """What one follower wants to hear of: a topic, and what its changes must name."""

    topic: Topic
    named: Mapping[str, str]

    def wants(self, change: Change) -> bool:
        """Tell whether a change is of interest."""
        return change.topic is self.topic and all(
            change.named.get(name) == value for name, value in self.named.items()
        )
