"""How types map to tables, and how a selection becomes statements.

`mapping` holds the declarations that stand next to each field, `statements` writes SQL from them
with the tenant's predicate, the actor's and the masks, `fallback` answers graphql-core's resolvers
with it: one statement for each table and level. No feature is known here.
"""
