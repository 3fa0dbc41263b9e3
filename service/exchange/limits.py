"""Bounds for a process that reads or writes a file for somebody."""

import resource
import warnings


def confine(memory: int, seconds: int) -> None:
    """Give this process so much memory, in bytes, and so much processor time; no file, no child."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A library's remark on a stranger's file is nobody's business.
    warnings.simplefilter("ignore")
