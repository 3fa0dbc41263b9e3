"""What is done with drafts and versions of a rulebook."""

from collections.abc import Callable
from datetime import date
from typing import Any

import strawberry

from service.errors import InvalidInput
from service.ownership.commands import switching
from service.policies.rulebooks.packs import pack_codes, pack_text
from service.rulebooks import commands
from service.schema.carry import Payload, Records, the
from service.schema.mutation import (
    CommandInput,
    command,
    given,
    optional,
    order_of,
    orders,
    required,
)
from service.schema.rulebook_drafts import RulebookDraft
from service.schema.rulebooks import RulebookVersion
from service.schema.scalars import row_id
from service.schema.tenants import ParameterInput, settings_of

_VERSION = "The version of the draft the caller has seen."
_DRAFT = "The draft."
_DAY = "The local day it is to begin with, at each site's midnight; left out: when it is approved."
_UNSIMULATED = (
    "Why it should be put in force without a simulation of its text, up to 2,000 characters;"
    " needed where there is none."
)


@strawberry.input(one_of=True, description="A whole document, in one of its two forms.")
class RulebookTextInput:
    yaml: str | None = optional("As YAML, 1 to 262,144 characters; readable or not yet.")
    json: str | None = optional("As JSON, 1 to 262,144 characters.")

    def sent(self) -> commands.Text:
        """Return the one form given."""
        return commands.Text(given(self.yaml), given(self.json))


@strawberry.input(one_of=True, description="What a draft begins from.")
class RulebookDraftSourceInput:
    text: RulebookTextInput | None = optional("A text.")
    version_id: strawberry.ID | None = optional(
        "A published version; parameters it overrides are written into the text. Publishing the"
        " draft of an old version is how to go back to it."
    )
    pack: str | None = optional("A rulebook that ships with the product, like `showroom`.")
    blank: str | None = optional("Nothing but the skeleton of a policy, like `showroom`.")


@strawberry.input(description="A draft is begun.")
class CreateRulebookDraftInput(CommandInput):
    name: str = required("What to call it, 1 to 200 characters.")
    source: RulebookDraftSourceInput = required("What it begins from.")
    site_id: strawberry.ID | None = optional(
        "The one site it is meant for; left out: the whole company."
    )


@strawberry.input(description="A draft is changed; what is left out stays.")
class EditRulebookDraftInput(CommandInput):
    draft_id: strawberry.ID = required(_DRAFT)
    expected_version: int = required(_VERSION)
    name: str | None = optional("What to call it, 1 to 200 characters.")
    text: RulebookTextInput | None = optional("The whole text anew.")
    parameters: list[ParameterInput] | None = optional(
        "Values to be written into the text, up to 200. Tests that were right under the old values"
        " keep those beside them; the text is laid out anew, without comments."
    )


@strawberry.input(description="Proposed tests are taken over into a draft.")
class AcceptRulebookTestsInput(CommandInput):
    draft_id: strawberry.ID = required(_DRAFT)
    expected_version: int = required(_VERSION)
    keys: list[str] = strawberry.field(
        default_factory=list, description="Keys of the proposals wanted, up to 5,000; empty: all."
    )


@strawberry.input(description="A draft is thrown away.")
class DiscardRulebookDraftInput(CommandInput):
    draft_id: strawberry.ID = required(_DRAFT)


@strawberry.input(description="A draft is submitted for approval.")
class SubmitRulebookDraftInput(CommandInput):
    draft_id: strawberry.ID = required(_DRAFT)
    expected_version: int = required(_VERSION)
    effective_on: date | None = optional(_DAY)
    unsimulated_reason: str | None = optional(_UNSIMULATED)


@strawberry.input(description="A submitted draft is taken back, to be written in again.")
class WithdrawRulebookDraftInput(CommandInput):
    draft_id: strawberry.ID = required(_DRAFT)


@strawberry.input(description="A submitted draft is put in force.")
class ApproveRulebookDraftInput(CommandInput):
    draft_id: strawberry.ID = required(_DRAFT)
    text_hash: str = required("`textHash` of the text the approver has read.")
    effective_on: date | None = optional(
        "Another local day than was asked for; left out: the day asked for."
    )
    unsimulated_reason: str | None = optional(_UNSIMULATED)


@strawberry.input(description="A submitted draft is sent back.")
class RejectRulebookDraftInput(CommandInput):
    draft_id: strawberry.ID = required(_DRAFT)
    reason: str = required("Why, 1 to 2,000 characters.")


@strawberry.input(description="A version that has not begun is taken back.")
class CancelRulebookVersionInput(CommandInput):
    version_id: strawberry.ID = required("The version.")
    reason: str = required("Why, 1 to 2,000 characters.")


@strawberry.input(description="A site's own version is given an end.")
class EndSiteRulebookInput(CommandInput):
    version_id: strawberry.ID = required("The site's version.")
    ends_on: date | None = optional("The first local day without it; left out: at once.")
    reason: str = required("Why, 1 to 2,000 characters.")


@strawberry.type(description="`draft` is null exactly when `errors` is not empty.")
class _OfDraft(Payload):
    draft: RulebookDraft | None = strawberry.field(default=None, description="The draft.")


@strawberry.type(description="`draft` is null exactly when `errors` is not empty.")
class CreateRulebookDraftPayload(_OfDraft):
    pass


@strawberry.type(description="`draft` is null exactly when `errors` is not empty.")
class EditRulebookDraftPayload(_OfDraft):
    pass


@strawberry.type(description="`draft` is null exactly when `errors` is not empty.")
class AcceptRulebookTestsPayload(_OfDraft):
    pass


@strawberry.type(description="Nothing but errors: what was discarded is not shown any more.")
class DiscardRulebookDraftPayload(Payload):
    pass


@strawberry.type(description="`draft` is null exactly when `errors` is not empty.")
class SubmitRulebookDraftPayload(_OfDraft):
    pass


@strawberry.type(description="`draft` is null exactly when `errors` is not empty.")
class WithdrawRulebookDraftPayload(_OfDraft):
    pass


@strawberry.type(
    description="`draft` is null exactly when `errors` is not empty; its version is"
    " `draft { publishedVersion }`."
)
class ApproveRulebookDraftPayload(_OfDraft):
    pass


@strawberry.type(description="`draft` is null exactly when `errors` is not empty.")
class RejectRulebookDraftPayload(_OfDraft):
    pass


@strawberry.type(description="`rulebookVersion` is null exactly when `errors` is not empty.")
class _OfVersion(Payload):
    rulebook_version: RulebookVersion | None = strawberry.field(
        default=None, description="The version."
    )


@strawberry.type(description="`rulebookVersion` is null exactly when `errors` is not empty.")
class CancelRulebookVersionPayload(_OfVersion):
    pass


@strawberry.type(description="`rulebookVersion` is null exactly when `errors` is not empty.")
class EndSiteRulebookPayload(_OfVersion):
    pass


def _create(sent: CreateRulebookDraftInput) -> commands.CreateDraft:
    source = sent.source
    text: commands.Text | None = None
    version = given(source.version_id)
    if version is None:
        text = _text_of(source)
    more: dict[str, object] = {
        "text": text,
        "version_id": None
        if version is None
        else row_id(str(version), "rulebook_version", "source", "versionId"),
    }
    return order_of(commands.CreateDraft, sent, {"site_id": "site"}, **more)


def _text_of(source: RulebookDraftSourceInput) -> commands.Text:
    written, pack, blank = given(source.text), given(source.pack), given(source.blank)
    if written is not None:
        return written.sent()  # type: ignore[no-any-return]  # an input's own method
    if pack is not None:
        return commands.Text(yaml=_shipped(str(pack)))
    return commands.Text(yaml=commands.skeleton(str(blank)))


def _shipped(pack: str) -> str:
    text = pack_text(pack)
    if text is None:
        field = ("input", "source", "pack")
        raise InvalidInput(field=field, expected="ONE_OF", choices=pack_codes())
    return text


def _edit(sent: EditRulebookDraftInput) -> commands.EditDraft:
    text, parameters = given(sent.text), given(sent.parameters)
    more: dict[str, object] = {
        "text": None if text is None else text.sent(),
        "parameters": None if parameters is None else settings_of(parameters, "parameters"),
    }
    return order_of(commands.EditDraft, sent, {"draft_id": "rulebook_draft"}, **more)


def _for_draft(kind: type[Any]) -> Callable[[Any], Any]:
    return orders(kind, draft_id="rulebook_draft")


_SHOWN = the("rulebook.draft", "rulebook.publish", draft=RulebookDraft)
_VERSION_SHOWN = the(rulebook_version=RulebookVersion)


@strawberry.type
class RulebookDraftsMutation:
    create_rulebook_draft: CreateRulebookDraftPayload = command(
        commands.create_draft,
        _create,
        CreateRulebookDraftInput,
        CreateRulebookDraftPayload,
        _SHOWN,
        "Begins a draft of the rulebook from a text, a version, a shipped pack or nothing. A text"
        " that cannot be read yet is kept. Action `rulebook.draft`.",
    )
    edit_rulebook_draft: EditRulebookDraftPayload = command(
        commands.edit_draft,
        _edit,
        EditRulebookDraftInput,
        EditRulebookDraftPayload,
        _SHOWN,
        "Changes a draft that was not submitted; who changes its text is one of its authors."
        " Action `rulebook.draft`.",
    )
    accept_rulebook_tests: AcceptRulebookTestsPayload = command(
        commands.accept_tests,
        _for_draft(commands.AcceptTests),
        AcceptRulebookTestsInput,
        AcceptRulebookTestsPayload,
        _SHOWN,
        "Adds proposed tests to a draft's own; a key that is not proposed any more is passed over."
        " Action `rulebook.draft`.",
    )
    discard_rulebook_draft: DiscardRulebookDraftPayload = command(
        commands.discard_draft,
        _for_draft(commands.DiscardDraft),
        DiscardRulebookDraftInput,
        DiscardRulebookDraftPayload,
        Records({}),
        "Throws a draft away that was not submitted. Action `rulebook.draft`.",
    )
    submit_rulebook_draft: SubmitRulebookDraftPayload = command(
        commands.submit_draft,
        _for_draft(commands.SubmitDraft),
        SubmitRulebookDraftInput,
        SubmitRulebookDraftPayload,
        _SHOWN,
        "Submits a draft without errors, whose tests pass and leave no rule out, and tells those"
        " who may approve it. Refused without a simulation of its text unless a reason is given."
        " Action `rulebook.draft`.",
    )
    withdraw_rulebook_draft: WithdrawRulebookDraftPayload = command(
        commands.withdraw_draft,
        _for_draft(commands.WithdrawDraft),
        WithdrawRulebookDraftInput,
        WithdrawRulebookDraftPayload,
        _SHOWN,
        "Takes a submitted draft back, to be written in again. Action `rulebook.draft`.",
    )
    approve_rulebook_draft: ApproveRulebookDraftPayload = command(
        switching.approve_draft,
        _for_draft(commands.ApproveDraft),
        ApproveRulebookDraftInput,
        ApproveRulebookDraftPayload,
        _SHOWN,
        "Makes a version of a submitted draft, in force from its day on; the one before ends then."
        " Never by who wrote in it or submitted it, nor by who stands in for one of them. Action"
        " `rulebook.publish`.",
    )
    reject_rulebook_draft: RejectRulebookDraftPayload = command(
        commands.reject_draft,
        _for_draft(commands.RejectDraft),
        RejectRulebookDraftInput,
        RejectRulebookDraftPayload,
        _SHOWN,
        "Sends a submitted draft back with a reason, and tells its authors. Action"
        " `rulebook.publish`.",
    )
    cancel_rulebook_version: CancelRulebookVersionPayload = command(
        switching.cancel_version,
        orders(commands.CancelVersion, version_id="rulebook_version"),
        CancelRulebookVersionInput,
        CancelRulebookVersionPayload,
        _VERSION_SHOWN,
        "Takes a version back that has not begun anywhere; the one before goes on. Action"
        " `rulebook.publish`.",
    )
    end_site_rulebook: EndSiteRulebookPayload = command(
        switching.end_version,
        orders(commands.EndVersion, version_id="rulebook_version"),
        EndSiteRulebookInput,
        EndSiteRulebookPayload,
        _VERSION_SHOWN,
        "Gives a site's own version an end, from which on the company's decides there. Never by who"
        " wrote it. Action `rulebook.publish`.",
    )
