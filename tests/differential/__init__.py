"""The planner against the reference implementation: the same answers, whatever is asked."""
