"""Tasks and notifications: what a duty makes somebody owe, and by when.

State machine of a task: OPEN -> DONE, OPEN -> CANCELLED. Overdue is read from the clock.
"""
