"""A tenant's rulebook versions: immutable documents, in force from an instant.

State machine: DRAFT -> PUBLISHED -> RETIRED. The version in force at an event's own time decides.
"""
