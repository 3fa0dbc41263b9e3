"""The composition root: the only place that builds database, pools, commands and routes.

`base` opens the database, `serving` builds what answers and what works in the background,
`simulations` lends what the demo and rehearsals need. A command imports what it runs, no more.
"""
