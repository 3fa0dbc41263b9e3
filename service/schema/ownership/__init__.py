"""Registers, follow-ups, deals, claims and credit in the API."""
