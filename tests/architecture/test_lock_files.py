"""npm's lock files say what is installed, byte for byte, and from nowhere in particular."""

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LISTED = subprocess.run(
    ["git", "ls-files", "*package-lock.json"], cwd=ROOT, capture_output=True, text=True, check=True
)
LOCKS = [ROOT / name for name in LISTED.stdout.splitlines()]


def test_a_lock_file_names_no_host_and_every_package_has_its_hash() -> None:
    assert LOCKS
    for lock in LOCKS:
        packages = json.loads(lock.read_text("utf-8"))["packages"]
        for name, package in packages.items():
            if name.startswith("node_modules/") and not package.get("link"):
                assert "resolved" not in package, f"{lock}: {name}"
                assert "integrity" in package, f"{lock}: {name}"
