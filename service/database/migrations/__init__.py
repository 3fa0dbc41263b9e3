"""Migrations: expand, deploy, contract; one lock around a run, one transaction each.

Every revision works with the code before and after it. A downgrade is not promised: restore a
backup instead.
"""
