"""Identity: users, passwords, sessions and tokens, before any tenant is entered.

A user is a person; a membership makes him a member of one tenant. These tables belong to no
tenant and only the sign-in role sees them. Refresh tokens rotate; using an old one ends the
whole family (RFC 9700).
"""
