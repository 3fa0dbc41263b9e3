"""Targets: metrics, plans, how a number is divided, changed and worked on, how far one is."""
