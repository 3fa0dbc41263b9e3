"""Two pure engines that decide and never store.

`access` knows who may; `rulebooks` knows what follows.
"""
