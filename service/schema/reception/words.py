"""The reception's enumerations, described."""

from service.ownership.tables import OwnerKind
from service.reception.tables import (
    ArrivalWay,
    Obligation,
    PresenceState,
    ReceptionMode,
    SiteKind,
    SurveyStatus,
    VisitStageKind,
    VisitState,
)
from service.schema.nodes import described

described(
    SiteKind,
    "What a site is in its industry. Values are added.",
    SHOWROOM="A property showroom.",
    DEALERSHIP="A car dealership.",
    REGION_OFFICE="An office of a region.",
)
described(
    PresenceState,
    "Where a rep is today. Values are added.",
    IN="Signed in, on site.",
    AWAY_BUSINESS="Away for a while, on business.",
    AWAY_PRIVATE="Away for a while, privately.",
    OUT="Signed out.",
    DAY_OFF="Has the day off.",
)
described(
    Obligation,
    "Why somebody receives for another. Values are added.",
    NONE="He receives for himself.",
    OLD_CUSTOMER="The customer is another's.",
    NAMED_REP="The visitor named another.",
    DAY_OFF="He took the visitor on his day off.",
)
described(
    VisitState,
    "Where a visit is. Values are added.",
    WAITING="Nobody can receive yet.",
    ASSIGNED="Somebody receives.",
    CLOSED="The visitor has left, or the day is over.",
)
described(
    ReceptionMode,
    "How a visitor is received. Values are added.",
    TURN="By the rep whose turn it is.",
    DOUBLE="By a rep who already has a visitor.",
    OWN_RETURN="By the rep whose customer he is.",
    NAMED="By the rep he named.",
    OBLIGATORY="By a colleague, for another.",
    SURVEY="As a visitor of the same trade.",
    MANAGER="By the site's manager.",
    WAIT="By nobody yet.",
)
described(
    ArrivalWay,
    "How the visitor came. Values are added.",
    WALK_IN="He walked in.",
    PHONE_FIRST="He telephoned first.",
    REFERRAL="Somebody sent him.",
)
described(
    SurveyStatus,
    "Whether the visitor is from the same trade. Values are added.",
    NONE="Nothing says so.",
    SUSPECTED="He seems to be.",
    DECLARED="He says so himself.",
    EXPOSED="He was found out after the reception began.",
)
described(
    OwnerKind,
    "To whom a customer or a result belongs. Values are added.",
    MEMBER="A member.",
    COMPANY="The company.",
    NOBODY="Nobody.",
)
described(
    VisitStageKind,
    "How far a reception has come. Values are added.",
    GREETED="The visitor was greeted.",
    MODEL_TOUR="He was shown the model.",
    SEATED="He was seated.",
    UNIT_RECOMMENDED="Units were recommended to him.",
    QUOTED="The costs were worked out.",
    UNIT_CHECKED="The unit was checked with the manager.",
    DEPOSIT_SLIP="He was given the deposit slip.",
    ESCORTED_OUT="He was escorted to the door.",
    DESK_RESET="The desk was put in order.",
)
