"""Tenants: who they are, their state, calendar and words; and the directory that finds them.

State machine: ACTIVE -> SUSPENDED -> ACTIVE; SUSPENDED -> CLOSED. A suspended tenant is refused,
its records stay.
"""
