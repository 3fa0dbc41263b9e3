"""Reception: sites, shifts, sign-ins, the live queue, visits and calls.

Visit: WAITING (nobody can receive yet) -> ASSIGNED (decided at arrival, or taken) -> CLOSED;
ASSIGNED -> ASSIGNED (reassigned by a manager with a reason). Receiver, owner and the member whose
turn was used are three different people. The queue of a site is one row: whoever changes it
locks it.
"""
