"""Subscriptions over `graphql-transport-ws` and over server-sent events.

`types` says what can be followed, `standing` under which cursor and rights somebody follows,
`presenting` reads the records of changes for those who wait for them, `operations` runs one
operation whatever carries it, `watching` ends streams whose token or rights have ended, `socket`
and `event_stream` are the two protocols, `gate` counts and opens them.
"""
