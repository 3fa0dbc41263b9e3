"""`bailiwick policy`: a rulebook in a file is looked over without a database."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from service import cli
from service.policies.rulebooks.drafts import check_text, read

SHOWROOM = Path(__file__).parents[1] / "policies/rulebooks/showroom.yaml"
SHIPPED = sorted(SHOWROOM.parent.glob("*.yaml"))


def run(*words: str, given: bytes = b"") -> Any:
    return CliRunner().invoke(cli.app, ["policy", *words], input=given)


@pytest.fixture
def misspelt(tmp_path: Path) -> Path:
    file = tmp_path / "misspelt.yaml"
    text = SHOWROOM.read_text("utf-8").replace("when: [assigned]", "when: [asigned]")
    file.write_text(text, "utf-8")
    return file


@pytest.fixture
def untold(tmp_path: Path) -> Path:
    """The showroom's without the last of its tests, which say which of several rules is meant."""
    document = read(SHOWROOM.read_bytes()).to_json()
    document["tests"] = document["tests"][:-60]
    file = tmp_path / "untold.json"
    file.write_text(json.dumps(document), "utf-8")
    return file


def place(file: Path, words: str) -> str:
    before = file.read_text("utf-8").split(words)[0]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def test_a_sound_rulebook_has_warnings_at_most(untold: Path) -> None:
    looked = run("check", str(untold))

    assert looked.exit_code == 0
    assert "1 file: 0 errors" in looked.stderr
    assert all(": warning " in line for line in looked.stdout.splitlines())
    assert run("check", "--strict", str(untold)).exit_code == 1
    assert run("check", "--strict", str(SHOWROOM)).exit_code == 0


def test_an_error_is_told_as_compilers_tell_theirs(misspelt: Path) -> None:
    looked = run("check", str(misspelt), str(SHOWROOM))

    assert looked.exit_code == 1
    where = f"{misspelt}:{place(misspelt, 'asigned]')}"
    message = "asigned is not known. Did you mean assigned?"
    assert looked.stdout.splitlines()[0] == f"{where}: error UNKNOWN_NAME: {message}"
    assert "2 files: 1 error," in looked.stderr


def test_an_error_is_told_in_the_language_asked_for(misspelt: Path) -> None:
    assert "不认识 asigned。" in run("check", "--language", "zh-Hans", str(misspelt)).stdout
    assert "不認識 asigned。" in run("check", "--language", "zh-Hant", str(misspelt)).stdout


def test_an_error_is_told_to_programs(misspelt: Path) -> None:
    looked = run("check", "--json", str(misspelt))

    assert looked.exit_code == 1
    line, column = map(int, place(misspelt, "asigned]").split(":"))
    assert json.loads(looked.stdout) == {
        "file": str(misspelt),
        "line": line,
        "column": column,
        "path": "/decisions/naming/rules/0/when/0",
        "severity": "error",
        "code": "UNKNOWN_NAME",
        "message": "asigned is not known. Did you mean assigned?",
        "suggestion": "assigned",
        "test": None,
    }


def test_an_overlap_brings_the_test_that_settles_it(untold: Path) -> None:
    document = json.loads(untold.read_text("utf-8"))

    told = [json.loads(line) for line in run("check", "--json", str(untold)).stdout.splitlines()]

    overlaps = [one for one in told if one["code"] == "OVERLAP"]
    assert len(overlaps) > 40
    document["tests"] += [one["test"] for one in overlaps]

    again = check_text(json.dumps(document))
    assert again.errors == ()
    settled = {one["message"] for one in overlaps}
    assert not settled & {one.message("en") for one in again.warnings}


@pytest.mark.parametrize("command", ["check", "propose", "convert"])
def test_a_file_that_cannot_be_read_is_no_error_of_a_document(command: str, tmp_path: Path) -> None:
    looked = run(command, str(tmp_path / "nowhere.yaml"))

    assert looked.exit_code == 2
    assert "nowhere.yaml: No such file" in looked.stderr
    assert run(command, str(tmp_path)).exit_code == 2


@pytest.mark.parametrize("command", ["check", "propose", "convert"])
@pytest.mark.parametrize("content", [b"\xff\xfe", b"a: [", b"", b"policy: &a b", b"[" * 100_000])
def test_a_hostile_file_ends_in_a_line_with_a_place(
    command: str, content: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "hostile.yaml"
    file.write_bytes(content)

    looked = run(command, str(file))

    assert looked.exit_code == 1
    assert f"{file}:1:" in looked.output


def test_proposed_tests_can_be_pasted_into_the_document(tmp_path: Path) -> None:
    text = SHOWROOM.read_text("utf-8")
    proposed = run("propose", str(SHOWROOM))
    assert proposed.exit_code == 0
    assert "# overlap: RR-1 before RR-3c" in proposed.stdout

    file = tmp_path / "complete.yaml"
    file.write_text(text + proposed.stdout, "utf-8")

    again = run("propose", str(file))
    assert (again.stdout, again.exit_code) == ("", 0)
    assert "0 tests proposed" in again.stderr
    assert ": error " not in run("check", str(file)).stdout


def test_proposed_tests_are_told_to_programs(misspelt: Path) -> None:
    first = json.loads(run("propose", "--json", str(SHOWROOM)).stdout.splitlines()[0])

    assert set(first) == {"aim", "rule", "line", "other", "test"}
    assert set(first["test"]) <= {"decision", "params", "given", "expect"}
    assert run("propose", str(misspelt)).exit_code == 1


def test_a_rulebook_goes_to_json_and_back_without_loss(tmp_path: Path) -> None:
    as_json, as_yaml = tmp_path / "showroom.json", tmp_path / "showroom.yaml"
    as_json.write_text(run("convert", str(SHOWROOM)).stdout, "utf-8")
    as_yaml.write_text(run("convert", str(as_json)).stdout, "utf-8")

    document = read(SHOWROOM.read_bytes())
    assert json.loads(as_json.read_text("utf-8")) == document.to_json()
    assert read(as_yaml.read_bytes()) == document
    assert run("convert", "--to", "yaml", str(SHOWROOM)).stdout == as_yaml.read_text("utf-8")
    assert yaml.safe_load(as_yaml.read_text("utf-8"))["policy"] == "showroom"


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_rulebook_is_read_again_as_it_is_written(file: Path) -> None:
    as_json = run("convert", str(file)).stdout_bytes
    as_yaml = run("convert", "-", given=as_json).stdout_bytes
    pretty = run("convert", "--pretty", str(file)).stdout

    assert read(as_json) == read(as_yaml) == read(file.read_bytes())
    assert json.loads(as_json) == json.loads(pretty)
    assert pretty.splitlines()[1].startswith("  ")


def test_written_out_as_json_a_rulebook_looks_the_same_however_it_was_ordered(
    tmp_path: Path,
) -> None:
    turned = tmp_path / "turned.json"
    document = json.loads(run("convert", str(SHOWROOM)).stdout)
    turned.write_text(json.dumps(by_hand(document), ensure_ascii=False), "utf-8")
    as_yaml = tmp_path / "showroom.yaml"
    as_yaml.write_text(run("convert", "--to", "yaml", str(SHOWROOM)).stdout, "utf-8")

    written = {run("convert", "--to", "json", str(f)).stdout for f in (SHOWROOM, turned, as_yaml)}

    assert len(written) == 1


def by_hand(part: Any) -> Any:
    """Turn round the order of all names; lists keep theirs, for in it rules decide."""
    if isinstance(part, dict):
        return {name: by_hand(part[name]) for name in reversed(part)}
    return [by_hand(one) for one in part] if isinstance(part, list) else part


def test_to_look_over_a_file_nothing_of_a_server_is_loaded() -> None:
    asked = (
        "import sys; from service.start import main; sys.argv[1:] = ['policy', 'schema']\n"
        "try: main()\n"
        "except SystemExit as end: print(end.code or 0, file=sys.stderr)\n"
        "print(*(m for m in ('sqlalchemy', 'asyncpg', 'strawberry', 'starlette', 'service.cli')"
        " if m in sys.modules), file=sys.stderr)"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert json.loads(told.stdout)["type"] == "object"
    assert told.stderr.split() == ["0"]


def test_standard_input_is_a_file_as_well() -> None:
    assert run("check", "-", given=SHOWROOM.read_bytes()).exit_code == 0


def test_the_schema_is_printed_in_the_language_asked_for() -> None:
    printed = run("schema", "showroom", "--language", "zh-Hant")

    assert json.loads(printed.stdout)["properties"]["policy"] == {"const": "showroom"}
    assert "由誰接待" in printed.stdout
    unknown = run("schema", "shworoom")
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert "did you mean showroom?" in unknown.stderr
