"""The words of metrics, plans and targets, each with its description."""

from service.schema.nodes import described
from service.targets.commands.adjusting import Holder
from service.targets.commands.cascading import RevisionMode
from service.targets.commands.passing import DifferenceBelow
from service.targets.commands.staffing import Proration
from service.targets.tables import (
    AllocationMethod,
    CountingEvent,
    MetricBusiness,
    MetricDirection,
    MetricUnit,
    TargetChangeKind,
    TargetKind,
    TargetLevel,
    TargetPlanState,
    TargetResponseKind,
    TargetSplit,
)

__all__ = [
    "AllocationMethod",
    "CountingEvent",
    "DifferenceBelow",
    "Holder",
    "MetricBusiness",
    "MetricDirection",
    "MetricUnit",
    "Proration",
    "RevisionMode",
    "TargetChangeKind",
    "TargetKind",
    "TargetLevel",
    "TargetPlanState",
    "TargetResponseKind",
    "TargetSplit",
]

described(
    MetricUnit,
    "What a metric is counted in. Values are added.",
    MONEY="Minor units of its currency.",
    COUNT="Pieces.",
    RATIO="Basis points: 10,000 is 100 %.",
)
described(
    MetricDirection,
    "Which way is better. Values are added.",
    HIGHER="The more the better.",
    LOWER="The less the better.",
)
described(
    CountingEvent,
    "What makes an amount count. Values are added.",
    VISIT="A customer visits.",
    NEW_CUSTOMER="A customer is won.",
    SUBSCRIPTION="A subscription agreement is signed (認購).",
    CONTRACT="A sales contract is signed (簽約).",
    CASH="Money is received (回款).",
    ORDER="An order is placed.",
    DELIVERY="Goods are handed over.",
    WHOLESALE="Goods are taken from the manufacturer.",
    INVOICE="An invoice is issued.",
    SAMPLE_SITE="A reference customer is set up (樣板點).",
    OTHER="Recorded by whoever keeps the metric.",
)
described(
    MetricBusiness,
    "Which business counts. Values are added.",
    ALL="All of it.",
    EXISTING="Business with what was there before (存量): of customers with a deal before it.",
    INCREMENTAL="What is added to it (增量): of customers without one.",
)
described(
    TargetPlanState,
    "Where a plan stands. Values are added.",
    DRAFT="Begun; nobody below knows of it.",
    TOP_DOWN_SET="The total is set.",
    DISTRIBUTED="Broken down: every sum holds from now on.",
    FEEDBACK="Open for what those below propose.",
    RECONCILED="Proposals and total are brought together.",
    APPROVED="Approved; nothing is set any more.",
    PUBLISHED="In force: amounts stay, changes are dated.",
    REVISED="In force, after a revision.",
    CLOSED="Over.",
)
described(
    TargetKind,
    "What a target is for. Values are added.",
    COMMITMENT="What the level above counts on.",
    STREET="What is given out below, which may be more.",
    OVERLAY="Beside the total: it is in no sum.",
)
described(
    TargetLevel,
    "How hard a target is. Values are added.",
    TARGET="The target itself.",
    STRETCH="More than the target.",
    CHALLENGE="The most that is thought of.",
)
described(
    TargetSplit,
    "How a target is a part of the one above. Values are added.",
    BREAKDOWN="A piece of the business: a place, a person, a channel, a product.",
    PERIOD="A part of the time.",
)
described(
    TargetChangeKind,
    "Why a published target changed. Values are added.",
    ADJUSTMENT="Decided so.",
    RELIEF="Somebody is on leave.",
    RAMP="Somebody is new.",
    TRANSFER="Somebody went to another place.",
    VACANCY="Somebody left: the seat has it.",
    REVISION="The plan was revised.",
)
described(
    AllocationMethod,
    "Where the weights of a division come from. Values are added.",
    EVEN="All parts are equal.",
    CURRENT="As the parts are now.",
    WEIGHTS="The weights that are given; who has none gets nothing.",
    SEASON="The season's weights, given for each period; where none is, as its days weigh in the"
    " plan's season, or its working days where the plan has none.",
    HISTORY="The mean of what was reached in earlier periods. Of three and more, one below half or"
    " above twice the median is left out.",
    POTENTIAL="The potential that is given: market, beds, households, parc.",
    BLEND="History and potential, each by its share.",
    CAPACITY="Headcount × productivity × ramp.",
    GROWTH="The same growth on the past for all, up to a cap.",
    PROPOSALS="What was proposed, or set where nobody proposed; the gap stays unassigned.",
    COMMITMENT="What was proposed, and the gap by what was proposed.",
    HEADROOM="What was proposed, and the gap by what the potential leaves open.",
)
described(
    DifferenceBelow,
    "What becomes of the difference below a part that is broken down itself. Values are added.",
    UNASSIGNED="Its manager holds it: what it has unassigned gains or loses it. While the sums of a"
    " plan may be open, nothing below changes.",
    CARRIED_DOWN="It is pushed down to the last target in today's proportions. What is pinned"
    " stays, and so do steps, floors and caps by which each part was divided last.",
)
described(
    Holder,
    "Who has the difference when a target changes. Values are added.",
    MANAGER="The manager above, as what nobody is assigned.",
    PEERS="The other parts of the same target, evenly; of a month theirs. None falls below 0.",
    NONE="Nobody: all targets above change too, up to the company's.",
)
described(
    TargetResponseKind,
    "What was said to a target. Values are added.",
    PROPOSAL="What those who have it would take on.",
    APPROVAL="The level above agrees.",
    RETURN="The level above sends it back.",
    ACKNOWLEDGEMENT="Who has it has read it.",
)
described(
    Proration,
    "How a period is divided by a day in its middle. Values are added.",
    CALENDAR="By its calendar days.",
    WORKING="By the working days of the company's calendar.",
)
described(
    RevisionMode,
    "What open periods have to make after a revision. Values are added.",
    KEEP_CLOSED="The rest of the new figure: closed periods keep their targets.",
    CARRY_SHORTFALL="What was not reached in closed periods as well.",
)
