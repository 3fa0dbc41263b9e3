"""Organisation: units, members, roles, duties, assignments, delegation, leave.

A duty is one line of a role's duty sheet: wording, permissions, metric, obligation, evidence.
A member holds roles by dated assignments at an org unit and a territory; from these the caller's
`Actor` is made on each request.
"""
