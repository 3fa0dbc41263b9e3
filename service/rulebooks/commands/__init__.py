"""What is done to a tenant's rulebook: written, submitted, approved, put in force, taken back."""

from service.rulebooks.commands.approving import (
    ApproveDraft,
    RejectDraft,
    SubmitDraft,
    WithdrawDraft,
    approve_draft,
    reject_draft,
    submit_draft,
    withdraw_draft,
)
from service.rulebooks.commands.drafting import (
    AcceptTests,
    CreateDraft,
    DiscardDraft,
    EditDraft,
    Text,
    accept_tests,
    create_draft,
    discard_draft,
    edit_draft,
    skeleton,
)
from service.rulebooks.commands.ending import (
    CancelVersion,
    EndVersion,
    cancel_version,
    end_version,
)
from service.rulebooks.commands.publishing import (
    ParameterWritten,
    PublishRulebook,
    amend,
    publish_rulebook,
)

__all__ = [
    "AcceptTests",
    "ApproveDraft",
    "CancelVersion",
    "CreateDraft",
    "DiscardDraft",
    "EditDraft",
    "EndVersion",
    "ParameterWritten",
    "PublishRulebook",
    "RejectDraft",
    "SubmitDraft",
    "Text",
    "WithdrawDraft",
    "accept_tests",
    "amend",
    "approve_draft",
    "cancel_version",
    "create_draft",
    "discard_draft",
    "edit_draft",
    "end_version",
    "publish_rulebook",
    "reject_draft",
    "skeleton",
    "submit_draft",
    "withdraw_draft",
]
