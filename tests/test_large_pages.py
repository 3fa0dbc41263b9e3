"""What a server has loaded is kept in large pages: its own, nearly full, and as it was."""

import subprocess
import sys
from pathlib import Path

from service.app.large_pages import places

_LARGE = 0x200000
_MAPPED = """\
00400000-00c00000 r-xp 00000000 fe:00 1111                       /usr/bin/python3.11
00c00000-01200000 rw-p 00800000 fe:00 1111                       /usr/bin/python3.11
014fe000-01c01000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000400000 rw-p 00000000 00:00 0
7f0000600000-7f0000a00000 r--p 00000000 00:00 0
7f0000c00000-7f0001000000 rw-s 00000000 00:01 2222               /dev/zero (deleted)
7f0001100000-7f0001200000 rw-p 00000000 00:00 0
7ffe00000000-7ffe00800000 rw-p 00000000 00:00 0                  [stack]
"""
_TRIED = """
import mmap
from pathlib import Path
from service.app.large_pages import gather_in_large_pages

def held(word):
    rows = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(row.split()[1]) * 1024 for row in rows if row.startswith(word + ":"))

own = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
full, empty = mmap.mmap(-1, 16 << 20, flags=own), mmap.mmap(-1, 32 << 20, flags=own)
pattern = bytes(range(256)) * 16
full[:] = pattern * (len(full) // len(pattern))
# Here and there is a page, as at the end of a stack.
for place in range(0, len(empty), 1 << 20):
    empty[place : place + 4096] = pattern
before = held("Rss")
gathered = gather_in_large_pages()
same = full[:] == pattern * (len(full) // len(pattern)) and empty[:4096] == pattern
print(same, held("Rss") - before, gathered, held("AnonHugePages"))
"""


def test_only_whole_large_pages_of_memory_that_is_of_no_file_are_asked_for() -> None:
    assert list(places(_MAPPED, _LARGE)) == [
        0x1600000,
        0x1800000,
        0x1A00000,
        0x7F0000000000,
        0x7F0000200000,
    ]


def test_what_is_kept_in_large_pages_is_as_it_was_and_what_is_empty_takes_no_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _TRIED],
        cwd=Path(__file__).parents[1],
        check=True,
        capture_output=True,
        text=True,
    )
    same, more, gathered, huge = done.stdout.split()
    assert same == "True"
    assert int(more) < 8 << 20
    # Where the system keeps none, nothing is told to be; else it is as was told.
    assert int(gathered) <= int(huge)
