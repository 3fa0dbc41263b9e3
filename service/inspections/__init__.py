"""Conduct on the floor: what is looked at, and what a manager found."""
