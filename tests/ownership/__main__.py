"""`python -m tests.ownership 1000`: so many verdicts, and twice so many claims, at once."""

import sys
from pathlib import Path

import pytest

crowd = sys.argv[1] if len(sys.argv) > 1 else "1000"
here = Path(__file__)
sys.exit(pytest.main([str(here.with_name("test_crowds.py")), "-n", "0", "-q", f"--crowd={crowd}"]))
