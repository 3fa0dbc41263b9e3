"""The loop that hands events to reactions and fires due timers, each in its own unit of work.

Nothing is decided here, and nothing is wrong if it was off for a day: deadlines are read from the
clock, and what it makes visible it makes visible once.
"""
