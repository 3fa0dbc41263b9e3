"""Territories: the tree of responsibility by place, product or industry."""
