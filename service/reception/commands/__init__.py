"""Commands of a site's day; every change of a live queue locks that queue first."""

from service.reception.commands.arrivals import (
    RecordArrival,
    record_arrival,
)
from service.reception.commands.attributing import (
    AttributeCall,
    AttributeVisit,
    attribute_call,
    attribute_visit,
)
from service.reception.commands.awarding import agree_on_dispute, decide_dispute
from service.reception.commands.breaches import (
    Breach,
    LiftPenalty,
    RecordBreach,
    lift_penalty,
    record_breach,
)
from service.reception.commands.calls import CallTaken, RecordCall, record_call
from service.reception.commands.correcting import correct_registration
from service.reception.commands.customers import (
    PoolCustomer,
    RecordDeal,
    RegisterCustomer,
    pool_customer,
    record_deal,
    register_customer,
)
from service.reception.commands.entering import time_entry
from service.reception.commands.leave import record_leave
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
    sign_out_gone,
    take_day_off,
)
from service.reception.commands.shifts import (
    CancelShift,
    ChangeShift,
    PlanShift,
    cancel_shift,
    change_shift,
    plan_shift,
)
from service.reception.commands.sites import CreateSite, EditSite, create_site, edit_site
from service.reception.commands.stages import NoteVisitStage, note_visit_stage
from service.reception.commands.taking import (
    TakeVisitor,
    Taking,
    take_visitor,
)
from service.reception.commands.visits import (
    CloseVisit,
    ExposeSurvey,
    NameRepresentative,
    ReassignReception,
    close_visit,
    expose_survey,
    name_representative,
    reassign_reception,
)

__all__ = [
    "AttributeCall",
    "AttributeVisit",
    "AwayReason",
    "Breach",
    "CallTaken",
    "CancelShift",
    "ChangeShift",
    "CloseVisit",
    "ComeBack",
    "CreateSite",
    "EditSite",
    "ExposeSurvey",
    "GoAway",
    "LiftPenalty",
    "NameRepresentative",
    "NoteVisitStage",
    "PlanShift",
    "PoolCustomer",
    "ReassignReception",
    "RecordArrival",
    "RecordBreach",
    "RecordCall",
    "RecordDeal",
    "RegisterCustomer",
    "SignIn",
    "SignOut",
    "TakeDayOff",
    "TakeVisitor",
    "Taking",
    "agree_on_dispute",
    "attribute_call",
    "attribute_visit",
    "cancel_shift",
    "change_shift",
    "close_visit",
    "come_back",
    "correct_registration",
    "create_site",
    "decide_dispute",
    "edit_site",
    "expose_survey",
    "go_away",
    "lift_penalty",
    "name_representative",
    "note_visit_stage",
    "plan_shift",
    "pool_customer",
    "reassign_reception",
    "record_arrival",
    "record_breach",
    "record_call",
    "record_deal",
    "record_leave",
    "register_customer",
    "sign_in",
    "sign_out",
    "sign_out_gone",
    "take_day_off",
    "take_visitor",
    "time_entry",
]
