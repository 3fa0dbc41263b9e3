"""Two pure engines that decide and never store.

`access` knows who may; `rulebooks` knows what follows.
"""

from pathlib import Path


def policies_folder() -> Path:
    """Return the folder of the shipped policies, at the root of the source tree."""
    return Path(__file__).resolve().parents[2] / "policies"
