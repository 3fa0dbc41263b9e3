"""Campaigns over the API: planned, paid for, and what each visit and each deal of theirs cost."""
