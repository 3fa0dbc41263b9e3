"""`python -m tests.packs`: the share of mutants each pack's tests catch; who survives, by name."""

import sys

from tests.packs.mutation import told


def main() -> int:
    """Print a line a pack and a line a survivor; 1 if any survives."""
    survive = 0
    for pack, found in told():
        sys.stdout.write(
            f"{pack:24} {found.share:6.2f} % of {found.caught + len(found.survivors):5} caught,"
            f" {found.alike} change nothing\n"
        )
        for survivor in found.survivors:
            sys.stdout.write(f"  survives: {survivor}\n")
        survive += len(found.survivors)
    return 1 if survive else 0


sys.exit(main())
