"""`python -m tests.simulation 200 [first]`: so many made-up weeks, lived and replayed."""

import sys
from pathlib import Path

import pytest

lives, first = (*sys.argv[1:], "0")[:2] if len(sys.argv) > 1 else ("200", "0")
sys.exit(
    pytest.main(
        [
            str(Path(__file__).with_name("test_histories.py")),
            *("-n", "0", "-q", "-k", "life"),
            f"--lives={lives}",
            f"--first-life={first}",
        ]
    )
)
