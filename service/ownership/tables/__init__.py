"""What ownership keeps."""

from service.ownership.tables.departures import (
    Departure,
    DepartureKind,
    DepartureState,
    PoolEntry,
    RegistrationsGo,
)
from service.ownership.tables.disputes import (
    Dispute,
    DisputeStep,
    DisputeStepKind,
    DisputeSubject,
    FindingScope,
    PenaltyCase,
)
from service.ownership.tables.records import (
    Claim,
    ClaimResult,
    CreditEntry,
    CreditShare,
    Deal,
    DealMember,
    FollowUp,
    FormerProtection,
    OwnerKind,
    RegisterBook,
    Registration,
    RegistrationMove,
    RegistrationResult,
)

__all__ = [
    "Claim",
    "ClaimResult",
    "CreditEntry",
    "CreditShare",
    "Deal",
    "DealMember",
    "Departure",
    "DepartureKind",
    "DepartureState",
    "Dispute",
    "DisputeStep",
    "DisputeStepKind",
    "DisputeSubject",
    "FindingScope",
    "FollowUp",
    "FormerProtection",
    "OwnerKind",
    "PenaltyCase",
    "PoolEntry",
    "RegisterBook",
    "Registration",
    "RegistrationMove",
    "RegistrationResult",
    "RegistrationsGo",
]
