"""GraphQL alone: documents become commands or reads, refusals become typed errors.

No rule and no fact is here. `planner/` maps types to tables, the domain modules hold types,
inputs, queries and mutations, `endpoint` speaks HTTP.
"""
