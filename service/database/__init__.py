"""The way to PostgreSQL: base tables, row security, pools, statements and migrations.

Every tenant table has `tenant_id` first in its key, in each unique constraint, foreign key and
index; row security is forced; the application's role cannot bypass it.
"""
