"""Rehearsals: stories of a showroom driven through the real commands, with a clock to turn."""
