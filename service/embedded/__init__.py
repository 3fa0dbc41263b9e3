"""The PostgreSQL server that comes with Bailiwick: files from a wheel, data in a home folder.

`lease.acquire(home)` hands out a lease on the server of that folder and starts it when nobody has
yet. A lease is a shared file lock, so it ends with its holder, however the holder dies.

States of a server: absent → starting → ready → stopping → absent. Who moves it:

- the process that finds it absent creates the data if need be and starts a guard (`launch`);
- the guard is the server's parent, reports `ready`, and stops the server when it holds the lease
  file alone, that is when the last user is gone (`guard`);
- a server whose guard was killed, or whose files are of another release, is stopped and started
  again by the next `acquire` (`lease`).

Connections go through a Unix socket in a folder only the server's account can enter; PostgreSQL
asks the kernel who is calling (peer authentication). Nothing listens on TCP, no password exists.
`home` says where the files lie, `cluster` writes them, `postmaster` recognises a live server,
`accounts` and `binaries` arrange that root never runs the server itself.
"""
