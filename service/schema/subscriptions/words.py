"""What can happen to records that are followed, in the words of the API."""

from enum import Enum
from typing import Any

import strawberry

from service.delivery.topics import (
    CAMPAIGN,
    RECEPTION_QUEUE,
    SIMULATION,
    TARGET,
    TARGET_PLAN,
    TASK,
    TERRITORY_MODEL,
    VISIT,
    Topic,
)


def _words(name: str, description: str, topic: Topic, **words: str) -> Any:  # noqa: ANN401 - an enumeration made here
    """Make the enumeration of what can happen to a record.

    Raises:
        ValueError: an event of the topic lacks its description, or a description its event.
    """
    if set(topic.words.values()) != set(words):
        raise ValueError(f"{name}: events and descriptions differ")
    listed: Any = Enum(name, {word: word for word in words})  # type: ignore[misc]  # listed by the caller
    made: Any = strawberry.enum(listed, description=f"{description} Values are added.")
    for value in made.__strawberry_definition__.values:
        value.description = words[value.name]
    return made


ReceptionQueueChange: Any = _words(
    "ReceptionQueueChange",
    "What changed a site's live turn order.",
    RECEPTION_QUEUE,
    REP_SIGNED_IN="A rep joined the tail.",
    REP_SIGNED_OUT="A rep left for the day.",
    REP_WENT_AWAY="A rep is out for a while.",
    REP_CAME_BACK="A rep is on site again.",
    REP_TOOK_DAY_OFF="A rep does not work today.",
    PLACE_LOST="A rep whose turn came while he was out went to the tail.",
    TURN_CONSUMED="A rep used his turn.",
    TURN_RESTORED="A rep was given his turn back.",
    ROTATION_PENALISED="A breach of the floor's rules cost a rep turns or days, or was noted.",
    SITE_EDITED="The site's settings were changed.",
    RECEPTION_ASSIGNED="A visitor was given to a rep.",
    RECEPTION_REASSIGNED="A visitor was given to another rep.",
    VISIT_CLOSED="A visitor left.",
)
VisitChange: Any = _words(
    "VisitChange",
    "What happened to a visit.",
    VISIT,
    VISIT_ARRIVED="The visitor came.",
    RECEPTION_ASSIGNED="Somebody was chosen to receive him.",
    RECEPTION_REASSIGNED="A manager gave him to somebody else.",
    SURVEY_EXPOSED="He was exposed as a survey of a competitor.",
    VISIT_CLOSED="He left.",
)
TaskChange: Any = _words(
    "TaskChange",
    "What happened to a task.",
    TASK,
    TASK_ASSIGNED="A colleague gave it.",
    TASK_OWED="A duty or an event made it owed.",
    TASK_COMPLETED="It was done.",
    TASK_CANCELLED="It was taken back.",
)


RulebookSimulationChange: Any = _words(
    "RulebookSimulationChange",
    "What happened to a simulation.",
    SIMULATION,
    SIMULATION_STARTED="It was asked for.",
    SIMULATION_ADVANCED="It has gone on.",
    SIMULATION_ENDED="It is done, was called off, or has failed.",
)
TargetNodeChange: Any = _words(
    "TargetNodeChange",
    "What happened to a published target.",
    TARGET,
    TARGET_ADJUSTED="A dated change of it was recorded: `targetChanges` says which.",
)
TargetPlanChange: Any = _words(
    "TargetPlanChange",
    "What happened to a plan.",
    TARGET_PLAN,
    TARGET_PLAN_CHANGED="Its targets were set, spoken to or divided, or it went on.",
    TARGET_PUBLISHED="Its targets are in force.",
)
CampaignChange: Any = _words(
    "CampaignChange",
    "What happened to a campaign.",
    CAMPAIGN,
    CAMPAIGN_CHANGED="It was planned or changed.",
    CAMPAIGN_CANCELLED="It brings nobody any more.",
)
TerritoryModelChange: Any = _words(
    "TerritoryModelChange",
    "What happened to a drawing of the territories.",
    TERRITORY_MODEL,
    TERRITORY_ANNOUNCED="It is to come into force on a day to come: `activations` says which.",
    TERRITORY_ACTIVATED="It has come into force.",
    TERRITORY_WITHDRAWN="What was announced of it was taken back.",
)
