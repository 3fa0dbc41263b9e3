"""Commands of a site's day; every change of a live queue locks that queue first."""

from service.reception.commands.arrivals import RecordArrival, record_arrival
from service.reception.commands.presence import (
    AwayReason,
    ComeBack,
    GoAway,
    SignIn,
    SignOut,
    TakeDayOff,
    come_back,
    go_away,
    sign_in,
    sign_out,
    take_day_off,
)
from service.reception.commands.sites import (
    CallTaken,
    CreateSite,
    EditSite,
    PlanShift,
    RecordCall,
    create_site,
    edit_site,
    plan_shift,
    record_call,
)

__all__ = [
    "AwayReason",
    "CallTaken",
    "ComeBack",
    "CreateSite",
    "EditSite",
    "GoAway",
    "PlanShift",
    "RecordArrival",
    "RecordCall",
    "SignIn",
    "SignOut",
    "TakeDayOff",
    "come_back",
    "create_site",
    "edit_site",
    "go_away",
    "plan_shift",
    "record_arrival",
    "record_call",
    "sign_in",
    "sign_out",
    "take_day_off",
]
