"""Which reaction hears which event and which deadline."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from service.credits import reactions as of_credits
from service.customers import events as customers
from service.identity.accounts import Accounts
from service.inspections import events as inspections
from service.journal.entries import Event
from service.opportunities import reactions as of_opportunities
from service.organisation.events import MemberLeft
from service.organisation.memberships import closing
from service.ownership import events as ownership
from service.ownership import reactions as of_ownership
from service.ownership.commands import (
    CREDIT_FINAL,
    DEPARTURE_DUE,
    DISPUTE_PRIVATE_ENDED,
    FIRST_FOLLOW_UP_DUE,
    TRACKING_ENDING,
    TRACKING_LAPSED,
)
from service.reception import events as reception
from service.reception import reactions as of_reception
from service.rulebooks import events as rulebooks
from service.targets.events import MetricChanged
from service.tasks import events as tasks
from service.tasks import reactions as of_tasks
from service.territories import events as territories
from service.territories import reactions as of_territories
from service.territories.commands.activating import MODEL_DUE
from service.work import UnitOfWork

OnDue = Callable[[UnitOfWork, UUID], Awaitable[None]]
OnEvent = Callable[[UnitOfWork, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Hearing:
    """An event's class, and who reacts to it, in this order."""

    event: type[Event]
    reactions: tuple[OnEvent, ...] = ()


def _heard(event: type[Event], *reactions: OnEvent) -> tuple[str, Hearing]:
    return event.__name__, Hearing(event, reactions)


TIMERS: Final[Mapping[str, OnDue]] = {
    TRACKING_ENDING: of_ownership.on_tracking_ending_due,
    TRACKING_LAPSED: of_ownership.on_tracking_lapsed_due,
    FIRST_FOLLOW_UP_DUE: of_ownership.on_first_follow_up_due,
    CREDIT_FINAL: of_ownership.on_credit_final_due,
    DEPARTURE_DUE: of_ownership.on_departure_due,
    DISPUTE_PRIVATE_ENDED: of_ownership.on_dispute_private_ended_due,
    MODEL_DUE: of_territories.on_territory_model_due,
    of_opportunities.TERRITORIES_SETTLED: of_opportunities.on_territories_settled_due,
}

# An event that nobody reacts to needs no line: it is published and read by the feeds.
EVENTS: Final[Mapping[str, Hearing]] = dict(
    (
        _heard(
            ownership.CustomerRegistered,
            of_tasks.on_customer_registered,
            of_credits.on_customer_registered,
        ),
        _heard(ownership.EntryTooLate, of_tasks.on_entry_too_late),
        _heard(ownership.RegistrationCorrected, of_tasks.on_registration_corrected),
        _heard(ownership.FollowUpRecorded, of_tasks.on_follow_up_recorded),
        _heard(ownership.RegisterVoided, of_tasks.on_register_voided),
        _heard(ownership.SurveyEntryVoided, of_tasks.on_survey_entry_voided),
        _heard(ownership.DealRecorded, of_tasks.on_deal_recorded),
        _heard(
            ownership.DealContracted,
            of_tasks.on_deal_contracted,
            of_credits.on_deal_contracted,
        ),
        _heard(ownership.DealCancelled, of_tasks.on_deal_cancelled),
        _heard(ownership.CreditReversed, of_credits.on_credit_reversed),
        _heard(ownership.FirstFollowUpOverdue, of_tasks.on_first_follow_up_overdue),
        _heard(ownership.TrackingEnding, of_tasks.on_tracking_ending),
        _heard(ownership.RegistrationLapsed, of_tasks.on_registration_lapsed),
        _heard(ownership.ClaimFiled, of_tasks.on_claim_filed),
        _heard(
            ownership.CreditFinalised,
            of_tasks.on_credit_finalised,
            of_credits.on_credit_finalised,
        ),
        _heard(MetricChanged, of_credits.on_metric_changed),
        _heard(ownership.RegistrationsReleased, of_tasks.on_registrations_released),
        _heard(ownership.CustomerPooled, of_tasks.on_customer_pooled),
        _heard(ownership.AssignedFromPool, of_tasks.on_assigned_from_pool),
        _heard(
            MemberLeft,
            of_ownership.on_member_left,
            of_reception.on_member_gone,
            of_territories.on_member_left,
        ),
        _heard(ownership.DepartureDone, of_reception.on_member_gone),
        _heard(ownership.DisputeOpened, of_tasks.on_dispute_opened),
        _heard(ownership.DisputeHandedOver, of_tasks.on_dispute_handed_over),
        _heard(ownership.DisputeSettled, of_tasks.on_dispute_settled),
        _heard(ownership.DisputeDecided, of_tasks.on_dispute_decided),
        _heard(ownership.DisputeAppealed, of_tasks.on_dispute_appealed),
        _heard(inspections.InspectionRecorded, of_tasks.on_inspection_recorded),
        _heard(
            reception.ReceptionAssigned,
            of_tasks.on_reception_assigned,
            of_reception.on_entry_owed,
            of_credits.on_reception_assigned,
        ),
        _heard(reception.VisitClosed, of_tasks.on_visit_closed, of_reception.on_entry_owed),
        _heard(reception.SurveyExposed, of_tasks.on_survey_exposed, of_reception.on_entry_owed),
        _heard(
            reception.ReceptionReassigned,
            of_tasks.on_reception_reassigned,
            of_reception.on_entry_owed,
        ),
        _heard(rulebooks.PolicyPublished, of_ownership.on_policy_changed),
        _heard(rulebooks.PolicyCancelled, of_ownership.on_policy_changed),
        _heard(rulebooks.PolicyEnded, of_ownership.on_policy_changed),
        _heard(rulebooks.DraftSubmitted, of_tasks.on_draft_submitted),
        _heard(rulebooks.DraftDecided, of_tasks.on_draft_decided),
        _heard(tasks.TaskAssigned, of_tasks.on_task_assigned),
        _heard(customers.AccountMoved, of_opportunities.on_account_moved),
        _heard(territories.TerritoryActivated, of_opportunities.on_territory_activated),
    )
)


def heard_with(accounts: Accounts) -> Mapping[str, Hearing]:
    """Return who hears what where the sign-in role's accounts can be reached."""
    known = EVENTS[MemberLeft.__name__].reactions
    return dict((*EVENTS.items(), _heard(MemberLeft, closing(accounts), *known)))
