"""The life of a draft: written, submitted, approved by somebody else, or sent back."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from builders.drafts import (
    FIRST_OF_APRIL,
    MIDNIGHT,
    TEXT,
    UNSIMULATED,
    a_draft,
    submitted,
    the_draft,
)
from builders.tenants import BEGINNING, TenantHandle, a_tenant

from service.clock import ManualClock
from service.errors import Forbidden, NotFound, Refusals, VersionConflict
from service.organisation.commands.delegations import Delegate, delegate
from service.organisation.commands.roles import EditRole, edit_role
from service.organisation.commands.separations import SeparateDuties, separate_duties
from service.policies.rulebooks.document import parse
from service.rulebooks.commands import (
    ApproveDraft,
    CreateDraft,
    DiscardDraft,
    EditDraft,
    PublishRulebook,
    RejectDraft,
    SubmitDraft,
    Text,
    WithdrawDraft,
    amend,
    approve_draft,
    create_draft,
    discard_draft,
    edit_draft,
    publish_rulebook,
    reject_draft,
    submit_draft,
    withdraw_draft,
)
from service.rulebooks.errors import (
    DraftChangesNothing,
    DraftNotInState,
    DraftNotSimulated,
    DraftTextOther,
    RulebookNeedsApproval,
)
from service.rulebooks.events import DraftDecided, DraftSubmitted
from service.tasks.reactions import on_draft_decided, on_draft_submitted
from service.tenants.texts import Texts
from service.work import Transactions, UnitOfWork


async def test_nobody_approves_what_he_wrote_or_submitted_nor_who_stands_in_for_him(
    tenant: TenantHandle, director: UUID, clock: ManualClock
) -> None:
    draft_id = await a_draft(tenant)
    seen = await submitted(tenant, draft_id)
    order = ApproveDraft(draft_id, seen)

    with pytest.raises(Forbidden):
        await tenant.do(approve_draft, order)
    stand_in = await tenant.member("代理", "sales-manager")
    until = clock.now() + timedelta(days=1)
    commands = ("rulebook.publish", "rulebook.review")
    await tenant.do(delegate, Delegate(tenant.admin_id, stand_in, commands, until))
    with pytest.raises(Forbidden):
        await tenant.do(approve_draft, order, by=stand_in)
    await tenant.do(approve_draft, order, by=director)


async def test_who_only_wrote_a_word_of_it_may_not_approve_either(
    tenant: TenantHandle, director: UUID
) -> None:
    draft_id = await a_draft(tenant)
    edit = EditDraft(draft_id, 2, parameters={"claim.days": 4})
    await tenant.do(edit_draft, edit, by=director)
    seen = await submitted(tenant, draft_id)

    with pytest.raises(Forbidden):
        await tenant.do(approve_draft, ApproveDraft(draft_id, seen), by=director)


async def test_only_the_text_that_was_seen_is_approved(
    tenant: TenantHandle, director: UUID
) -> None:
    draft_id = await a_draft(tenant, 10)
    seen = await submitted(tenant, draft_id)
    with pytest.raises(DraftNotInState):
        await tenant.do(edit_draft, EditDraft(draft_id, 3, parameters={"tracking.days": 30}))
    await tenant.do(withdraw_draft, WithdrawDraft(draft_id))
    await tenant.do(edit_draft, EditDraft(draft_id, 4, parameters={"tracking.days": 30}))
    other = await submitted(tenant, draft_id)

    with pytest.raises(DraftTextOther):
        await tenant.do(approve_draft, ApproveDraft(draft_id, seen), by=director)
    await tenant.do(approve_draft, ApproveDraft(draft_id, other), by=director)


async def test_two_who_approve_at_once_publish_once(tenant: TenantHandle, director: UUID) -> None:
    root = next(iter(tenant.units))
    second = await tenant.member("二總監", "director", unit=root)
    draft_id = await a_draft(tenant)
    seen = await submitted(tenant, draft_id)
    order = ApproveDraft(draft_id, seen)

    answers = await asyncio.gather(
        tenant.do(approve_draft, order, by=director),
        tenant.do(approve_draft, order, by=second),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in answers) == ["DraftNotInState", "UUID"]
    numbers = await tenant.rows("SELECT number FROM app.rulebook_version WHERE tenant_id = $1")
    assert len(numbers) == 2


async def test_two_drafts_for_one_day_approved_at_once_leave_one_version_a_day(
    tenant: TenantHandle, director: UUID
) -> None:
    drafts = [await a_draft(tenant, days) for days in (10, 20)]
    seen = [await submitted(tenant, one, FIRST_OF_APRIL) for one in drafts]

    await asyncio.gather(
        *(
            tenant.do(approve_draft, ApproveDraft(*one), by=director)
            for one in zip(drafts, seen, strict=True)
        )
    )

    windows = await tenant.rows(
        "SELECT number, effective_from AS begins, effective_until AS ends"
        " FROM app.rulebook_version WHERE tenant_id = $1 ORDER BY number"
    )
    assert [(one["begins"], one["ends"]) for one in windows] == [
        (BEGINNING, MIDNIGHT),
        (MIDNIGHT, MIDNIGHT),
        (MIDNIGHT, None),
    ]


async def test_the_same_key_approves_once(tenant: TenantHandle, director: UUID) -> None:
    draft_id = await a_draft(tenant)
    order = ApproveDraft(draft_id, await submitted(tenant, draft_id))

    first = await tenant.do(approve_draft, order, by=director, key="approve-it-just-once")
    again = await tenant.do(approve_draft, order, by=director, key="approve-it-just-once")

    assert first == again == draft_id


async def test_a_draft_is_edited_as_it_was_seen(tenant: TenantHandle) -> None:
    draft_id = await a_draft(tenant)

    with pytest.raises(VersionConflict) as raised:
        await tenant.do(edit_draft, EditDraft(draft_id, 1, name="Another name"))
    assert raised.value.current_version == 2


@pytest.mark.parametrize("text", ["policy: [", "not a rulebook", TEXT.replace("otherwise:", "x:")])
async def test_a_draft_that_cannot_be_published_is_kept_and_not_submitted(
    tenant: TenantHandle, text: str
) -> None:
    draft_id = await tenant.do(create_draft, CreateDraft("half done", None, Text(text)))

    with pytest.raises(Refusals):
        await tenant.do(submit_draft, SubmitDraft(draft_id, 1, None, UNSIMULATED))
    assert (await the_draft(tenant, draft_id))["text"] == text


@pytest.mark.parametrize(
    "broken",
    [
        TEXT.replace("expect: {rule: NM-1", "expect: {rule: NM-2", 1),
        TEXT.replace("id: NM-2", "id: NM-2b"),
    ],
    ids=["a test fails", "a rule has no test"],
)
async def test_no_draft_goes_on_whose_tests_fail_or_leave_a_rule_out(
    tenant: TenantHandle, broken: str
) -> None:
    draft_id = await tenant.do(create_draft, CreateDraft("broken", None, Text(broken)))

    with pytest.raises(Refusals):
        await tenant.do(submit_draft, SubmitDraft(draft_id, 1, None, UNSIMULATED))


async def test_without_a_simulation_somebody_says_why(tenant: TenantHandle) -> None:
    draft_id = await a_draft(tenant)

    with pytest.raises(DraftNotSimulated):
        await tenant.do(submit_draft, SubmitDraft(draft_id, 2))
    await tenant.do(submit_draft, SubmitDraft(draft_id, 2, None, UNSIMULATED))


async def test_a_draft_that_says_what_is_in_force_already_is_not_submitted(
    tenant: TenantHandle, director: UUID
) -> None:
    unchanged = await tenant.do(create_draft, CreateDraft("The same", None, Text(TEXT)))
    with pytest.raises(DraftChangesNothing) as refused:
        await tenant.do(submit_draft, SubmitDraft(unchanged, 1, None, UNSIMULATED))
    assert refused.value.field == ("input", "draftId")
    # A site that has none of its own follows the company no longer: that is a change.
    own = await tenant.do(create_draft, CreateDraft("Ours", tenant.site_id, Text(TEXT)))
    await tenant.do(submit_draft, SubmitDraft(own, 1, None, UNSIMULATED))
    one, other = [await a_draft(tenant) for _ in range(2)]
    seen = [await submitted(tenant, draft_id, FIRST_OF_APRIL) for draft_id in (one, other)]
    await tenant.do(approve_draft, ApproveDraft(one, seen[0]), by=director)

    # What another has brought about by then changes nothing any more.
    with pytest.raises(DraftChangesNothing):
        await tenant.do(approve_draft, ApproveDraft(other, seen[1]), by=director)
    back = await tenant.do(create_draft, CreateDraft("Back again", None, Text(TEXT)))
    with pytest.raises(DraftChangesNothing):
        await tenant.do(submit_draft, SubmitDraft(back, 1, date(2026, 3, 31), UNSIMULATED))
    await tenant.do(submit_draft, SubmitDraft(back, 1, FIRST_OF_APRIL, UNSIMULATED))


async def test_a_version_written_anew_with_its_parameters_is_the_same_text(
    tenant: TenantHandle,
) -> None:
    async def amended(work: UnitOfWork) -> UUID:
        return await amend(work, {"tracking.days": 12}, work.now)

    version_id = await tenant.transactions.internally(tenant.id, "amend", amended)
    draft_id = await tenant.do(create_draft, CreateDraft("Of it", version_id=version_id))

    with pytest.raises(DraftChangesNothing):
        await tenant.do(submit_draft, SubmitDraft(draft_id, 1, None, UNSIMULATED))


async def test_a_rejected_draft_is_taken_up_again(tenant: TenantHandle, director: UUID) -> None:
    draft_id = await a_draft(tenant)
    await submitted(tenant, draft_id)

    await tenant.do(reject_draft, RejectDraft(draft_id, "Ten days are too many."), by=director)
    rejected = await the_draft(tenant, draft_id)
    await tenant.do(edit_draft, EditDraft(draft_id, 4, parameters={"tracking.days": 8}))

    assert (rejected["state"], rejected["decision_reason"]) == (
        "REJECTED",
        "Ten days are too many.",
    )
    assert (await the_draft(tenant, draft_id))["state"] == "DRAFT"


async def test_a_discarded_draft_is_gone(tenant: TenantHandle) -> None:
    draft_id = await a_draft(tenant)

    await tenant.do(discard_draft, DiscardDraft(draft_id))

    with pytest.raises(NotFound):
        await tenant.do(edit_draft, EditDraft(draft_id, 3, name="again"))


async def test_a_draft_of_a_version_has_its_parameters_written_in(
    tenant: TenantHandle,
) -> None:
    order = PublishRulebook(None, {"tracking.days": 9, "merge.family": ("spouse",)})
    version_id = await tenant.do(publish_rulebook, order)

    draft_id = await tenant.do(create_draft, CreateDraft("copy", None, None, version_id))

    params = parse(str((await the_draft(tenant, draft_id))["text"])).to_json()["params"]
    assert isinstance(params, dict)
    assert params["tracking.days"]["value"] == 9  # type: ignore[index,call-overload]
    assert params["merge.family"]["value"] == ["spouse"]  # type: ignore[index,call-overload]


@pytest.mark.usefixtures("director")
async def test_nobody_publishes_alone_where_somebody_else_could_approve(
    tenant: TenantHandle,
) -> None:
    with pytest.raises(RulebookNeedsApproval):
        await tenant.do(publish_rulebook, PublishRulebook(TEXT))


async def test_who_has_no_duty_for_it_neither_drafts_nor_decides(tenant: TenantHandle) -> None:
    rep = await tenant.member("安娜")
    assistant = await tenant.member("助理", "assistant", unit=next(iter(tenant.units)))
    with pytest.raises(Forbidden):
        await a_draft(tenant, by=rep)
    draft_id = await a_draft(tenant, by=assistant)
    seen = await submitted(tenant, draft_id, by=assistant)
    for order, command in (
        (ApproveDraft(draft_id, seen), approve_draft),
        (RejectDraft(draft_id, "no"), reject_draft),
    ):
        for member in (rep, assistant):
            with pytest.raises(Forbidden):
                await tenant.do(command, order, by=member)  # type: ignore[arg-type,misc]


async def test_a_draft_of_another_tenant_is_as_good_as_none(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    other = await a_tenant(transactions)
    draft_id = await a_draft(tenant)

    with pytest.raises(NotFound):
        await other.do(edit_draft, EditDraft(draft_id, 1, name="mine"))
    with pytest.raises(NotFound):
        await other.do(create_draft, CreateDraft("x", tenant.site_id, Text(TEXT)))


async def told(tenant: TenantHandle, member_id: UUID) -> list[str]:
    rows = await tenant.rows(
        "SELECT kind FROM app.notification WHERE tenant_id = $1 AND member_id = $2 ORDER BY at, id",
        member_id,
    )
    return [row["kind"] for row in rows]


async def test_who_may_approve_is_told_and_the_author_learns_what_became_of_it(
    transactions: Transactions, tenant: TenantHandle, director: UUID
) -> None:
    draft_id = await a_draft(tenant)
    await submitted(tenant, draft_id)
    authors = (tenant.admin_id,)
    now = transactions.clock.now()
    heard = DraftSubmitted(draft_id, None, tenant.admin_id, authors, now)
    decided = DraftDecided(draft_id, False, director, authors, now)

    for _ in range(2):
        await transactions.internally(
            tenant.id, "hear", lambda work: on_draft_submitted(work, heard)
        )
        await transactions.internally(
            tenant.id, "hear", lambda work: on_draft_decided(work, decided)
        )

    assert await told(tenant, director) == ["rulebook_submitted"]
    assert await told(tenant, tenant.admin_id) == ["rulebook_rejected"]


async def test_author_and_approver_can_be_kept_in_different_hands_altogether(
    tenant: TenantHandle,
) -> None:
    pair = (tenant.duties["draft-rules-and-duties"], tenant.duties["publish-rulebook"])
    reason = Texts("Who writes rules does not approve them.", "起草者不審批", "起草者不审批")

    with pytest.raises(Refusals) as raised:
        await tenant.do(separate_duties, SeparateDuties(*pair, reason))
    assert {one.code for one in raised.value.refusals} == {"DUTIES_IN_CONFLICT"}
    for role in ("tenant-admin", "director"):
        (row,) = await tenant.rows(
            "SELECT r.version, array_agg(d.duty_id ORDER BY d.duty_id) AS duties FROM app.role r"
            " JOIN app.role_duty d ON d.tenant_id = $1 AND d.role_id = r.id"
            " WHERE r.tenant_id = $1 AND r.id = $2 GROUP BY r.version",
            tenant.roles[role],
        )
        kept = tuple(one for one in row["duties"] if one != pair[0])
        await tenant.do(edit_role, EditRole(tenant.roles[role], row["version"], duty_ids=kept))
    await tenant.do(separate_duties, SeparateDuties(*pair, reason))

    with pytest.raises(Forbidden):
        await a_draft(tenant)
