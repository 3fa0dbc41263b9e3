"""Where registrations, deals and claims are, and what may be done with them."""

from enum import Enum
from typing import Final

import strawberry

from service.ownership.tables import ClaimResult, RegistrationResult
from service.schema.nodes import described

described(
    RegistrationResult,
    "What the rulebook said of an entry when it was made. Values are added.",
    VALID="It protects the representative.",
    INVALID_INCOMPLETE="Name or telephone number is missing.",
    INVALID_LATE="It was entered after the deadline.",
)
described(
    ClaimResult,
    "What the rulebook said of a claim. Values are added.",
    ADMITTED="It takes part in the credit.",
    REJECTED="It does not; the decision says why.",
)


# A state is what the clock makes of the recorded instants (TM-8); the worker only makes it known.
STATE: Final = """
CASE WHEN t.voided_at IS NOT NULL THEN 'VOID'
     WHEN t.released_at IS NOT NULL THEN 'RELEASED'
     WHEN t.superseded_at IS NOT NULL THEN 'CORRECTED'
     WHEN t.result <> 'VALID' THEN 'INVALID'
     WHEN t.converted_at IS NOT NULL THEN 'CONVERTED'
     WHEN t.protected_until <= {now} THEN 'LAPSED'
     ELSE 'LIVE' END
"""
# Whoever bought, or went to another, before the term was over is owed no first contact any more.
OVERDUE: Final = """
coalesce(t.first_follow_up_due_at <= least(t.first_followed_up_at, t.converted_at, t.released_at,
    t.superseded_at, t.voided_at, {now}), FALSE)
"""
# What made an entry void is about it, or about its register, and is of the instant of its end.
WHY_VOID: Final = """
(SELECT n.id FROM app.decision n
 WHERE n.tenant_id = $1 AND n.subject_id IN (t.id, t.register_book_id) AND n.at = t.voided_at
   AND n.kind = 'REGISTRATION' AND n.id <> t.decision_id
 ORDER BY n.id DESC LIMIT 1)
"""
CLAIMS_CLOSE: Final = (
    "First instant without a claim; in the year 9999 while the days to claim have not begun, see"
    " `claimsAwaitContract`."
)
CLAIMABLE: Final = "t.cancelled_at IS NULL AND t.claims_close_at > {now}"
# A deal that waits for its contract can be claimed at any instant: the last is later than all.
AWAITS_CONTRACT: Final = "t.cancelled_at IS NULL AND t.claims_close_at >= '9999-12-31'"
# Whether the caller has not got all of a deal's credit as it is.
NOT_ALL_MINE: Final = (
    "NOT EXISTS (SELECT FROM app.credit_share s WHERE s.tenant_id = $1"
    " AND s.decision_id = t.credit_decision_id AND s.member_id = {me} AND s.basis_points = 10000)"
)
DISPUTE: Final = "(SELECT x.id FROM app.dispute x WHERE x.tenant_id = $1 AND x.deal_id = t.id)"
# Of a row that names a customer at a site.
OPEN_DISPUTE: Final = (
    "SELECT FROM app.dispute x WHERE x.tenant_id = $1 AND x.party_id = t.party_id"
    " AND x.site_id = t.site_id AND x.subject = 'CUSTOMER' AND x.ended_at IS NULL"
)
DEAL_STATE: Final = "CASE WHEN t.cancelled_at IS NULL THEN 'SIGNED' ELSE 'CANCELLED' END"
CLAIM_STATE: Final = """
CASE WHEN t.result = 'REJECTED' THEN 'REJECTED'
     ELSE (SELECT CASE WHEN least(d.claims_close_at, {now}) >= d.cancelled_at THEN 'CANCELLED'
                       WHEN d.claims_close_at > {now} THEN 'OPEN' ELSE 'CLOSED' END
           FROM app.deal d WHERE d.tenant_id = $1 AND d.id = t.deal_id) END
"""


@strawberry.enum(description="Where a registration is at this instant. Values are added.")
class RegistrationState(Enum):
    LIVE = strawberry.enum_value("LIVE", description="It protects the representative.")
    LAPSED = strawberry.enum_value("LAPSED", description="Its window has closed.")
    CONVERTED = strawberry.enum_value("CONVERTED", description="The customer has signed.")
    INVALID = strawberry.enum_value("INVALID", description="It never protected anybody.")
    CORRECTED = strawberry.enum_value("CORRECTED", description="A later entry took its place.")
    VOID = strawberry.enum_value(
        "VOID", description="It or its register was declared void; `voidDecision` says why."
    )
    RELEASED = strawberry.enum_value(
        "RELEASED",
        description="Its member went or lost a dispute; another has the customer, or the pool.",
    )


@strawberry.enum(description="What may be done with a registration. Values are added.")
class RegistrationAction(Enum):
    FOLLOW_UP = strawberry.enum_value("FOLLOW_UP", description="`recordFollowUp`.")
    CORRECT = strawberry.enum_value("CORRECT", description="`correctRegistration`.")
    OPEN_DISPUTE = strawberry.enum_value(
        "OPEN_DISPUTE", description="`openDispute` about the customer at the site."
    )


@strawberry.enum(description="Whether a deal stands. Values are added.")
class DealState(Enum):
    SIGNED = strawberry.enum_value("SIGNED", description="The subscription is signed and stands.")
    CANCELLED = strawberry.enum_value(
        "CANCELLED", description="It fell through: nobody has credit of it, and nothing counts it."
    )


@strawberry.enum(description="What may be done with a deal. Values are added.")
class DealAction(Enum):
    CANCEL = strawberry.enum_value("CANCEL", description="`cancelDeal`.")
    CONTRACT = strawberry.enum_value("CONTRACT", description="`recordContract`.")
    FILE_CLAIM = strawberry.enum_value("FILE_CLAIM", description="`fileClaim`.")
    OPEN_DISPUTE = strawberry.enum_value("OPEN_DISPUTE", description="`openDispute`.")
    VOUCH = strawberry.enum_value("VOUCH", description="`fileClaim` for another, its claimant.")


@strawberry.enum(description="Where a claim is at this instant. Values are added.")
class ClaimState(Enum):
    OPEN = strawberry.enum_value(
        "OPEN", description="It is admitted, and others may still claim the deal."
    )
    CLOSED = strawberry.enum_value(
        "CLOSED", description="It is admitted, and the time for claims is over."
    )
    REJECTED = strawberry.enum_value("REJECTED", description="It is not admitted.")
    CANCELLED = strawberry.enum_value(
        "CANCELLED", description="It was open when the deal was cancelled, and ended with it."
    )
