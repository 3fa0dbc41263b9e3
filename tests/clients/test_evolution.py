"""The schema grows and never breaks: what changed since the last common state of the main line."""

import json
import os
import subprocess

from conftest import ROOT, carry_out

FILE = "service/schema/schema.graphql"
CHANGES = "CHANGELOG.md"


def git(*words: str) -> str | None:
    """Return what git answers; nothing when it refuses."""
    done = subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    return done.stdout if done.returncode == 0 else None


def base() -> str | None:
    """Return the commit to compare with: where the main line was left, or the one before."""
    here = git("rev-parse", "HEAD")
    for line in ("origin/main", "main"):
        left = git("merge-base", "HEAD", line)
        if left is not None and left != here:
            return left.strip()
    before = git("rev-parse", "--verify", "--quiet", "HEAD^")
    return before.strip() if before else None


def compare(*pairs: tuple[str, str]) -> list[dict[str, list[str]]]:
    """Return what each change from one schema to another breaks and endangers."""
    command = ["node", "--import", "tsx", "evolution/compare.ts"]
    return json.loads(carry_out(command, os.environ, said=json.dumps(pairs)))


def lines_added(old: str, new: str) -> list[str]:
    """Return the lines of a text that an older one lacks."""
    known = set(old.splitlines())
    return [line for line in new.splitlines() if line.strip() and line not in known]


def test_nothing_breaks_and_what_is_dangerous_is_told_to_users() -> None:
    commit = base()
    if commit is None:
        # The first commit, or a clone without a past: there is nothing to break.
        return
    old, changelog = git("show", f"{commit}:{FILE}"), git("show", f"{commit}:{CHANGES}")
    if old is None:
        return

    (found,) = compare((old, (ROOT / FILE).read_text("utf-8")))

    assert found["breaking"] == []
    told = lines_added(changelog or "", (ROOT / CHANGES).read_text("utf-8"))
    assert not found["dangerous"] or told, f"CHANGELOG.md must tell of: {found['dangerous']}"


SCHEMA = """
type Query { visit(id: ID!, day: String = "today"): Visit }
type Visit { id: ID! number: Int! state: State! }
enum State { WAITING CLOSED }
"""


CHANGED = [
    (" number: Int!", "", {"breaking"}),
    ("number: Int!", "number: Int", {"breaking"}),
    ("number: Int!", "number: String!", {"breaking"}),
    ("WAITING ", "", {"breaking"}),
    ("id: ID!, day", "id: ID!, site: ID!, day", {"breaking"}),
    ("WAITING", "WAITING ASSIGNED", {"dangerous"}),
    ("id: ID!, day", "id: ID!, site: ID, day", {"dangerous"}),
    ('"today"', '"yesterday"', {"dangerous"}),
    ("number: Int!", "number: Int! leftAt: String", set()),
]


def test_each_kind_of_change_is_seen() -> None:
    pairs = [(SCHEMA, SCHEMA.replace(old, new, 1)) for old, new, _ in CHANGED]

    found = compare(*pairs)

    for (old, new, levels), changes in zip(CHANGED, found, strict=True):
        assert {name for name, said in changes.items() if said} == levels, (old, new)
