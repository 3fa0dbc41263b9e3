"""What leaves after the commit: the changes of a tenant, streamed to those who follow them.

One reading of the outbox for all tenants of a process (`hub`, `reading`) feeds all followers, in
commit order below the snapshot horizon; NOTIFY only wakes. `places` says where a follower stands,
`topics` what can be followed, `following` holds one follower's backlog, `purging` removes what
nobody can ask for any more. Whether a follower may see a record is decided where it is read.
"""
