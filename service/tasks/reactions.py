"""What members owe and are told when something happens to ownership and credit.

Each is idempotent by the record it speaks of: an event heard twice changes nothing.
"""

from uuid import UUID

from service.inspections.events import InspectionRecorded
from service.organisation.holders import who_may
from service.ownership.events import (
    AssignedFromPool,
    ClaimFiled,
    CreditFinalised,
    CustomerPooled,
    CustomerRegistered,
    DealCancelled,
    DealContracted,
    DealRecorded,
    DisputeAppealed,
    DisputeDecided,
    DisputeHandedOver,
    DisputeOpened,
    DisputeSettled,
    EntryTooLate,
    FirstFollowUpOverdue,
    FollowUpRecorded,
    RegisterVoided,
    RegistrationCorrected,
    RegistrationLapsed,
    RegistrationsReleased,
    SurveyEntryVoided,
    TrackingEnding,
)
from service.reception.events import (
    ReceptionAssigned,
    ReceptionReassigned,
    SurveyExposed,
    VisitClosed,
)
from service.rulebooks.events import DraftDecided, DraftSubmitted
from service.tasks import facts
from service.tasks.commands import (
    DEAL_WITH_YOUR_CUSTOMER,
    DECIDE_APPEAL,
    DECIDE_DISPUTE,
    FIRST_FOLLOW_UP,
    RESPONSE,
    SAME_DAY_ENTRY,
    SETTLE_DISPUTE,
    Notice,
    Owed,
    answer_deals,
    forgive,
    meet,
    notify,
    owe,
    owe_again,
    owe_answer_to_deal,
    settle,
)
from service.tasks.entries import entry_made, owe_entry
from service.tasks.events import TaskAssigned
from service.work import UnitOfWork

PUBLISH = "rulebook.publish"


async def on_customer_registered(work: UnitOfWork, event: CustomerRegistered) -> None:
    """The rep owes the first follow-up (TR-7), and the entry no more."""
    await entry_made(work, event.registration_id)
    await owe(
        work,
        Owed(
            member_id=event.member_id,
            kind=FIRST_FOLLOW_UP,
            subject_type="registration",
            subject_id=event.registration_id,
            due_at=event.first_follow_up_due_at,
            org_unit_id=event.org_unit_id,
            arguments={"party_id": str(event.party_id)},
        ),
    )


async def on_entry_too_late(work: UnitOfWork, event: EntryTooLate) -> None:
    """Who entered a visitor too late has done it: late, and it cannot be done in time any more."""
    if event.visit_id is not None:
        await settle(work, SAME_DAY_ENTRY, event.visit_id)


async def on_registration_corrected(work: UnitOfWork, event: RegistrationCorrected) -> None:
    """What was owed for the old entry is owed for the new one; a valid one is the entry."""
    await entry_made(work, event.registration_id)
    await forgive(work, FIRST_FOLLOW_UP, [event.corrects_id])
    if event.first_follow_up_due_at is not None:
        await owe(
            work,
            Owed(
                member_id=event.member_id,
                kind=FIRST_FOLLOW_UP,
                subject_type="registration",
                subject_id=event.registration_id,
                due_at=event.first_follow_up_due_at,
                org_unit_id=event.org_unit_id,
                arguments={"party_id": str(event.party_id)},
            ),
        )


async def on_follow_up_recorded(work: UnitOfWork, event: FollowUpRecorded) -> None:
    """The first follow-up is made, a buyer is cared for; later ones find nothing open."""
    await meet(work, event.member_id, FIRST_FOLLOW_UP, event.registration_id)
    await answer_deals(work, event.member_id, event.party_id, event.at)


async def on_register_voided(work: UnitOfWork, event: RegisterVoided) -> None:
    """Nothing is owed for void entries; the rep is told of the finding."""
    await forgive(work, FIRST_FOLLOW_UP, event.registration_ids)
    key = f"RegisterVoided:{event.register_book_id}"
    notice = Notice("register_voided", key, "register_book", event.register_book_id)
    notify(work, [event.member_id], notice)


async def on_survey_entry_voided(work: UnitOfWork, event: SurveyEntryVoided) -> None:
    """Nothing is owed for an entry of a survey; the rep is told that it fell."""
    await forgive(work, FIRST_FOLLOW_UP, [event.registration_id])
    key = f"SurveyEntryVoided:{event.registration_id}"
    arguments = {"party_id": str(event.party_id)}
    notice = Notice("survey_entry_voided", key, "registration", event.registration_id, arguments)
    notify(work, [event.member_id], notice)


async def on_deal_recorded(work: UnitOfWork, event: DealRecorded) -> None:
    """Who has bought needs care, no first follow-up; who tracked him learns that he may claim."""
    await forgive(work, FIRST_FOLLOW_UP, event.registration_ids)
    await owe_answer_to_deal(work, event.deal_id)
    key = f"DealRecorded:{event.deal_id}"
    arguments = {"party_id": str(event.party_id), "closer_id": str(event.closer_id)}
    kind = "deal_without_contract"
    if event.claims_close_at is not None:
        kind = DEAL_WITH_YOUR_CUSTOMER
        arguments["claims_close_at"] = event.claims_close_at.isoformat()
    notice = Notice(kind, key, "deal", event.deal_id, arguments)
    notify(work, event.tracking_ids, notice)


async def on_deal_contracted(work: UnitOfWork, event: DealContracted) -> None:
    """Who takes part in the deal learns of its contract, and until when it may be claimed."""
    arguments = {"party_id": str(event.party_id), "colleague_id": str(event.recorded_by)}
    kind = "deal_contracted"
    if event.claims_close_at is not None and event.claims_close_at > work.now:
        kind = "deal_contracted_claims_close"
        arguments["claims_close_at"] = event.claims_close_at.isoformat()
    notice = Notice(kind, f"DealContracted:{event.deal_id}", "deal", event.deal_id, arguments)
    notify(work, [one for one in event.concerned_ids if one != event.recorded_by], notice)


async def on_deal_cancelled(work: UnitOfWork, event: DealCancelled) -> None:
    """Nothing is owed for the deal any more; a customer tracked again needs his first follow-up."""
    await forgive(work, RESPONSE, [event.deal_id])
    await owe_again(work, event.registration_ids)
    if event.dispute_id is not None:
        for kind in (SETTLE_DISPUTE, DECIDE_DISPUTE, DECIDE_APPEAL):
            await forgive(work, kind, [event.dispute_id])
    manager_id = await facts.manager_of(work, event.site_id)
    told = {*event.concerned_ids, manager_id} - {None, event.cancelled_by}
    key = f"DealCancelled:{event.deal_id}"
    arguments = {"party_id": str(event.party_id), "colleague_id": str(event.cancelled_by)}
    notice = Notice("deal_cancelled", key, "deal", event.deal_id, arguments)
    notify(work, sorted(one for one in told if one is not None), notice)


async def on_first_follow_up_overdue(work: UnitOfWork, event: FirstFollowUpOverdue) -> None:
    """The rep is told that his first follow-up is overdue."""
    key = f"FirstFollowUpOverdue:{event.registration_id}"
    arguments = {"party_id": str(event.party_id)}
    notice = Notice(
        "first_follow_up_overdue", key, "registration", event.registration_id, arguments
    )
    notify(work, [event.member_id], notice)


async def on_tracking_ending(work: UnitOfWork, event: TrackingEnding) -> None:
    """The rep is told on the last day, while a follow-up still renews."""
    until = event.protected_until.isoformat()
    key = f"TrackingEnding:{event.registration_id}:{until}"
    arguments = {"party_id": str(event.party_id), "protected_until": until}
    notice = Notice("tracking_ending", key, "registration", event.registration_id, arguments)
    notify(work, [event.member_id], notice)


async def on_registration_lapsed(work: UnitOfWork, event: RegistrationLapsed) -> None:
    """The rep is told that the customer is free for others; a first follow-up helps no more."""
    await forgive(work, FIRST_FOLLOW_UP, [event.registration_id])
    key = f"RegistrationLapsed:{event.registration_id}"
    arguments = {"party_id": str(event.party_id)}
    notice = Notice("tracking_lapsed", key, "registration", event.registration_id, arguments)
    notify(work, [event.member_id], notice)


async def on_claim_filed(work: UnitOfWork, event: ClaimFiled) -> None:
    """The closing visit's owner is told that a colleague's claim on his deal was admitted."""
    if event.closing_owner_id is None or event.closing_owner_id == event.claimant_id:
        return
    key = f"ClaimFiled:{event.claim_id}"
    arguments = {"claimant_id": str(event.claimant_id), "claim_id": str(event.claim_id)}
    notify(
        work, [event.closing_owner_id], Notice("claim_filed", key, "deal", event.deal_id, arguments)
    )


async def on_credit_finalised(work: UnitOfWork, event: CreditFinalised) -> None:
    """Everybody who has a share is told that it is final."""
    key = f"CreditFinalised:{event.deal_id}"
    notify(work, event.holder_ids, Notice("credit_final", key, "deal", event.deal_id))


async def on_registrations_released(work: UnitOfWork, event: RegistrationsReleased) -> None:
    """Nobody owes a follow-up of whom the company has now; who hands him out is told."""
    await forgive(work, FIRST_FOLLOW_UP, event.registration_ids)
    arguments = {"colleague_id": str(event.member_id)}
    for manager_id in await facts.managers_of(work, event.registration_ids):
        key = f"RegistrationsReleased:{event.departure_id}"
        notice = Notice("customers_pooled", key, "departure", event.departure_id, arguments)
        notify(work, [manager_id], notice)


async def on_assigned_from_pool(work: UnitOfWork, event: AssignedFromPool) -> None:
    """Who gets a customer of the company is told."""
    key = f"AssignedFromPool:{event.pool_entry_id}"
    notice = Notice("assigned_from_pool", key, "registration", event.registration_id)
    notify(work, [event.member_id], notice)


async def on_customer_pooled(work: UnitOfWork, event: CustomerPooled) -> None:
    """The site's manager is told that a customer waits to be handed out."""
    manager_id = await facts.manager_of(work, event.site_id)
    key = f"CustomerPooled:{event.pool_entry_id}"
    arguments = {"party_id": str(event.party_id)}
    notice = Notice("customer_pooled", key, "pool_entry", event.pool_entry_id, arguments)
    notify(work, [manager_id] if manager_id else [], notice)


async def on_inspection_recorded(work: UnitOfWork, event: InspectionRecorded) -> None:
    """Whose conduct was looked at is told."""
    key = f"InspectionRecorded:{event.inspection_id}"
    arguments = {"colleague_id": str(event.inspector_id)}
    notice = Notice("inspected", key, "inspection", event.inspection_id, arguments)
    notify(work, [event.member_id], notice)


_Dispute = DisputeOpened | DisputeHandedOver | DisputeSettled | DisputeDecided | DisputeAppealed


def _tell_the_two(work: UnitOfWork, event: _Dispute, kind: str, **more: str) -> None:
    """Tell each of the two, naming the other."""
    two = (event.first_member_id, event.second_member_id)
    for member_id, other_id in (two, two[::-1]):
        arguments = {"party_id": str(event.party_id), "colleague_id": str(other_id), **more}
        key = f"{kind}:{event.dispute_id}:{more}"
        notify(work, [member_id], Notice(kind, key, "dispute", event.dispute_id, arguments))


async def on_dispute_opened(work: UnitOfWork, event: DisputeOpened) -> None:
    """The two owe each other a settlement in time, and are told."""
    until = event.private_until
    _tell_the_two(work, event, "dispute_opened", private_until=until.isoformat())
    if not await facts.dispute_waits(work, event.dispute_id, on_appeal=False):
        return
    two = (event.first_member_id, event.second_member_id)
    for member_id, other_id in sorted((two, two[::-1])):
        arguments = {"party_id": str(event.party_id), "colleague_id": str(other_id)}
        subject = ("dispute", event.dispute_id)
        await owe(work, Owed(member_id, SETTLE_DISPUTE, *subject, until, arguments=arguments))


async def on_dispute_handed_over(work: UnitOfWork, event: DisputeHandedOver) -> None:
    """Who decides owes the verdict; the two have nothing more to settle."""
    await forgive(work, SETTLE_DISPUTE, [event.dispute_id])
    _tell_the_two(work, event, "dispute_handed_over")
    await _owe_verdict(work, event, DECIDE_DISPUTE, "dispute.decide")


async def on_dispute_settled(work: UnitOfWork, event: DisputeSettled) -> None:
    """The two have done what they owed."""
    await settle(work, SETTLE_DISPUTE, event.dispute_id)
    _tell_the_two(work, event, "dispute_settled")


async def on_dispute_decided(work: UnitOfWork, event: DisputeDecided) -> None:
    """The verdict is given; the two are told until when they may appeal, if they may."""
    for kind in (DECIDE_DISPUTE, DECIDE_APPEAL):
        await settle(work, kind, event.dispute_id)
    if event.appeal_until is None:
        _tell_the_two(work, event, "dispute_decided")
    else:
        until = event.appeal_until.isoformat()
        _tell_the_two(work, event, "dispute_decided_appealable", appeal_until=until)


async def on_dispute_appealed(work: UnitOfWork, event: DisputeAppealed) -> None:
    """Who decides appeals owes the answer."""
    _tell_the_two(work, event, "dispute_appealed")
    await _owe_verdict(work, event, DECIDE_APPEAL, "dispute.decide_appeal")


async def _owe_verdict(
    work: UnitOfWork, event: DisputeHandedOver | DisputeAppealed, kind: str, action: str
) -> None:
    # Heard after the verdict, the event finds nothing to owe.
    if not await facts.dispute_waits(work, event.dispute_id, on_appeal=kind == DECIDE_APPEAL):
        return
    arguments = {
        "party_id": str(event.party_id),
        "colleague_id": str(event.first_member_id),
        "other_id": str(event.second_member_id),
    }
    subject = ("dispute", event.dispute_id)
    for member_id in sorted(await facts.deciders(work, action, event.dispute_id, work.now)):
        await owe(work, Owed(member_id, kind, *subject, None, arguments=arguments))


async def on_visit_closed(work: UnitOfWork, event: VisitClosed) -> None:
    """Who has left is to be entered, if nobody owes it yet: received before duties said so."""
    await owe_entry(work, event.visit_id)


async def on_survey_exposed(work: UnitOfWork, event: SurveyExposed) -> None:
    """A survey visitor enters no register; one who admits nothing does."""
    await owe_entry(work, event.visit_id)


async def on_reception_assigned(work: UnitOfWork, event: ReceptionAssigned) -> None:
    """Who is to receive is told, and the owner for whom he receives, who owes the entry."""
    await owe_entry(work, event.visit_id)
    await _tell_of_reception(work, event.visit_id, event.receiver_id, "reception_assigned")


async def on_reception_reassigned(work: UnitOfWork, event: ReceptionReassigned) -> None:
    """The new receiver is told, and the owner for whom he receives, who owes the entry now."""
    await owe_entry(work, event.visit_id)
    await _tell_of_reception(work, event.visit_id, event.receiver_id, "reception_reassigned")


async def _tell_of_reception(
    work: UnitOfWork, visit_id: UUID, receiver_id: UUID | None, kind: str
) -> None:
    visit = await facts.reception(work, visit_id)
    # Given to somebody else meanwhile: that event tells whom it concerns now.
    if visit is None or receiver_id is None or visit["receiver_id"] != receiver_id:
        return
    key = f"{kind}:{visit_id}:{visit['version']}"
    arguments = {"receiver_id": str(receiver_id)}
    if visit["party_id"] is not None:
        arguments["party_id"] = str(visit["party_id"])
    notify(work, [receiver_id], Notice(kind, key, "visit", visit_id, arguments))
    if visit["owner_id"] not in {None, receiver_id}:
        notice = Notice("received_for_you", f"owner:{key}", "visit", visit_id, arguments)
        notify(work, [visit["owner_id"]], notice)


async def on_task_assigned(work: UnitOfWork, event: TaskAssigned) -> None:
    """The member is told of a task a colleague gave him."""
    if event.assigned_by != event.member_id:
        key = f"TaskAssigned:{event.task_id}"
        notify(work, [event.member_id], Notice("task_assigned", key, "task", event.task_id))


async def on_draft_submitted(work: UnitOfWork, event: DraftSubmitted) -> None:
    """Who may approve a draft, and did not write it, is told that it waits."""
    place = await facts.place_of_site(work, event.site_id)
    asking = {event.submitted_by, *event.author_ids}
    approvers = [one for one in await who_may(work, PUBLISH, place) if one not in asking]
    key = f"DraftSubmitted:{event.draft_id}:{event.at.isoformat()}"
    arguments = {"colleague_id": str(event.submitted_by)}
    notify(
        work,
        approvers,
        Notice("rulebook_submitted", key, "rulebook_draft", event.draft_id, arguments),
    )


async def on_draft_decided(work: UnitOfWork, event: DraftDecided) -> None:
    """Everybody who wrote a draft is told what became of it."""
    kind = "rulebook_approved" if event.approved else "rulebook_rejected"
    key = f"DraftDecided:{event.draft_id}:{event.at.isoformat()}"
    arguments = {"colleague_id": str(event.decided_by)}
    notify(work, event.author_ids, Notice(kind, key, "rulebook_draft", event.draft_id, arguments))
