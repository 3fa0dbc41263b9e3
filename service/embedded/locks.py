"""File locks of the home folder: who starts the server, and who uses it.

A lock belongs to an open file description: forked children share it, programs they start do not
(Python opens every file close-on-exec), and the kernel drops it when the last holder is gone,
however it went.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def open_lock(path: Path) -> int:
    """Open the lock file, made if missing, and return its descriptor; no lock is taken yet."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)


def share(path: Path) -> int:
    """Take a shared lock, waiting while another holds it alone; return the descriptor.

    Give it back with `os.close`, never with LOCK_UN: that would also end the lease of every
    forked worker.
    """
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def try_alone(descriptor: int) -> bool:
    """Take the lock alone if nobody else holds it; tell whether that worked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def was_last(descriptor: int) -> bool:
    """Tell whether nobody shares the lock any more; if so, hold it alone.

    The guard may have been quicker and hold it alone, to stop the server: then wait for its end.
    It may also hold it for a moment to look around, hence the second try. No newcomer may come in
    between: the caller holds the start lock.
    """
    for _ in range(2):
        if try_alone(descriptor):
            return True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            wait_alone(descriptor)
            return True
        let_go(descriptor)
    return False


def wait_alone(descriptor: int) -> None:
    """Wait until nobody else holds the lock, and hold it alone."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def let_go(descriptor: int) -> None:
    """Give up the lock and keep the file open."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock alone for the length of a block."""
    descriptor = open_lock(path)
    try:
        wait_alone(descriptor)
        yield
    finally:
        os.close(descriptor)
