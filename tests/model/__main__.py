"""`python -m tests.model 10000 [first part]`: a longer run of the random stories."""

import sys
from pathlib import Path

import pytest

stories, first = (*sys.argv[1:], "0")[:2] if len(sys.argv) > 1 else ("10000", "0")
sys.exit(
    pytest.main(
        [
            str(Path(__file__).with_name("test_stories.py")),
            *("-n", "2", "-q", "-k", "agree"),
            f"--stories={stories}",
            f"--first-part={first}",
        ]
    )
)
