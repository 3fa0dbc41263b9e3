"""What is counted: statistics of each list, trees read whole, the territory roll-up, the floor.

A figure is always the sum of what its reader could list: each statement counts the rows of the
list's own predicate and filter. `counting` writes the statements, `fields` makes root fields of
them; the other modules declare what is counted, beside the types it is counted from.
"""
