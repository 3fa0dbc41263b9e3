"""Arithmetic of targets (targets page 4.2 to 4.5): whole units in, exact answers out. Pure."""
