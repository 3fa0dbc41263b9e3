"""`python -m tests.differential 20000 [first number]`: a longer run of the generated documents."""

import sys
from pathlib import Path

import pytest

count, first = (*sys.argv[1:], "1")[:2] if len(sys.argv) > 1 else ("20000", "1")
sys.exit(
    pytest.main(
        [
            str(Path(__file__).with_name("test_generated.py")),
            *("-n", "0", "-q", "-s", "-k", "thousand"),
            f"--documents={count}",
            f"--first-document={first}",
        ]
    )
)
