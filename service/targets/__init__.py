"""Targets: how a number is divided, and how far along it one is. So far the pure rules."""
