"""A tenant's past as a replay takes it, read from what was recorded, and simulations of it."""
