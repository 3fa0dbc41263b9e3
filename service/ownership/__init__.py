"""Ownership and credit: registers, follow-ups, deals, claims; the only writer of who owns.

A registration (TR-1 to TR-9): VALID -> live until `protected_until`, which a follow-up made in
time moves on; then LAPSED; VOID by a finding; CONVERTED by a deal. A claim is ADMITTED or
REJECTED with a reason. Credit is provisional until the claim window ends (CR-3, CR-4). Of a deal
that falls through nobody has credit: what was entered is reversed, and nothing of it is claimed.
"""
