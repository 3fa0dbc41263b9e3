"""What a server has loaded, in large pages of memory: all it does then takes a twelfth less time.

A command looks into thousands of places that lie all over some eighty megabytes. The processor
remembers where a few thousand pages of four kilobytes are; pages of two megabytes it knows all.
Linux puts memory into such pages when it is asked to (`MADV_COLLAPSE`, since 6.1). It is asked
once, when all is loaded, and only for what is nearly full, so that next to nothing becomes more.

Not for processes that share what one of them has loaded: each page of theirs is parted again where
one of them writes, and both halves are kept.
"""

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

_SETTING: Final = Path("/sys/kernel/mm/transparent_hugepage/enabled")
_SIZE: Final = Path("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")
_MAPPED: Final = Path("/proc/self/maps")
# Linux's name for it; Python 3.11 has none.
_COLLAPSE: Final = 25
# Of so many pages one may be without memory yet, and is given some.
_MISSING: Final = 16


def gather_in_large_pages() -> int:
    """Have Linux keep what this process holds in large pages; where it does not, nothing is done.

    Returns:
        how many bytes are kept so now.
    """
    try:
        # Who has turned them off for the whole machine has his reasons.
        if "[never]" in _SETTING.read_text("ascii"):
            return 0
        size = int(_SIZE.read_text("ascii"))
        mapped = _MAPPED.read_text("utf-8", "replace")
        library = ctypes.CDLL(None)
        library.mincore.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p
        library.madvise.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    except (OSError, ValueError, AttributeError):
        return 0
    return sum(
        size
        for place in places(mapped, size)
        if _is_held(library, place, size) and library.madvise(place, size, _COLLAPSE) == 0
    )


def places(mapped: str, size: int) -> Iterator[int]:
    """Yield where whole large pages lie in memory that is this process's own, and of no file.

    Args:
        mapped: what `/proc/self/maps` says.
        size: of a large page, in bytes.
    """
    for line in mapped.splitlines():
        # Addresses, rights, offset, device, inode, and a name if it has one.
        span, rights, _, _, inode, *name = line.split()
        if rights != "rw-p" or inode != "0" or name not in ([], ["[heap]"]):
            continue
        begins, ends = (int(one, 16) for one in span.split("-"))
        yield from range(-(-begins // size) * size, ends - size + 1, size)


def _is_held(library: Any, place: int, size: int) -> bool:  # noqa: ANN401 - a library in C
    """Tell whether nearly all of a span has memory: a thread's stack is mostly empty."""
    pages = size // os.sysconf("SC_PAGE_SIZE")
    told = ctypes.create_string_buffer(pages)
    if library.mincore(place, size, told) != 0:
        return False
    held = sum(one & 1 for one in told.raw)
    return pages - held <= pages // _MISSING
