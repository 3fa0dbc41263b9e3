"""Customers: parties, their telephone numbers, and how they are related (TR-2, merging)."""
