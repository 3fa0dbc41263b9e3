"""A tenant from a shipped industry template, by other features' commands.

The templates are data under `policies/`: vocabulary, organisation, sites, calendar, roles, duties
and the rulebook a new tenant starts with. `templates` reads and checks them; nothing here decides.
"""
