"""What the rules let pass, each with its reason."""

from typing import Final

OPEN_OBJECTS: Final = frozenset(
    {
        # The audit keeps what a decision was made of, whatever the rulebook of the day asked for.
        "Decision.inputs",
    }
)

IDS_OF_WHAT_IS_NOT_SEEN: Final = frozenset(
    {
        "subjectId",  # of any type; `node(id:)` finds it
        # Answers to operators of the platform, who may see no record of a tenant's.
        "memberId",
        "adminMemberId",
        "requestId",  # of a request, which is no record
    }
)

LISTS_WITH_GAPS: Final = frozenset(
    {
        "Query.nodes",  # one answer for each id, null for what is not there or out of sight
    }
)

NEVER_OUT_OF_SIGHT: Final[frozenset[str]] = frozenset()

OPAQUE_SCALARS: Final = frozenset(
    {
        # Their form is the server's own affair: clients keep them and give them back.
        "EventCursor",
        "SyncCursor",
    }
)

CLOSED_LISTS: Final = frozenset(
    {
        # For clients that do not know a code: it would be of no use if it grew.
        "ErrorCategory",
    }
)
