"""What never lies in the project: code among the policies, places of somebody's machine."""

import re

from source_tree import ROOT, name_of, text_files

# In pieces, so that this file is not its own first find.
HOMES = "root|work|Users|tmp|private"
MACHINE_PATH = re.compile(rf"(?<![\w./~-])/(?:{HOMES})/[\w.-]")
REGISTRY = re.compile(
    "|".join(
        [
            "python" + r"hosted\.org",
            "pypi" + r"\.org",
            "--(?:extra-)?index" + "-url",
            "registry" + r"\.npmjs",
            "arti" + "factory",
            r"\bnexus" + r"\.",
            "trusted" + "-host",
        ]
    )
)
SECRET = re.compile("-----BEGIN " + r"(?:RSA |EC |OPENSSH )?PRIVATE KEY")


def found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name_of(path)}:{number}: {line.strip()[:80]}"
        for path in text_files()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_policies_are_data_and_no_code() -> None:
    assert [name_of(path) for path in (ROOT / "policies").rglob("*.py*")] == []


def test_no_file_knows_a_folder_of_somebodys_machine() -> None:
    assert found(MACHINE_PATH) == []


def test_no_file_knows_where_packages_come_from() -> None:
    assert found(REGISTRY) == []


def test_no_file_holds_a_private_key() -> None:
    assert found(SECRET) == []


def test_these_tests_can_fail() -> None:
    assert MACHINE_PATH.search("see /" + "root/secret")
    assert not MACHINE_PATH.search("docs/work/plan and https://example.org/root/x")
    assert REGISTRY.search("pip install --index" + "-url x")
