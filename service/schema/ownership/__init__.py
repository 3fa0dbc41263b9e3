"""Registers, follow-ups, deals, claims and credit in the API."""

from service.schema.ownership.types import OwnershipQuery

__all__ = ["OwnershipQuery"]
