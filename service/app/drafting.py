"""`bailiwick policy`: what somebody who writes a rulebook asks of it, file by file.

No database and no settings are needed. Exit codes: 0 as it should be, 1 the documents have errors,
2 a file cannot be read or a name is unknown.
"""

import json
import sys
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from service.policies.rulebooks import drafts
from service.policies.rulebooks.editor_schema import editor_schema
from service.policies.rulebooks.problems import Problem, RulebookRefused, nearest
from service.policies.rulebooks.proposing import Proposal
from service.policies.rulebooks.vocabulary.kinds import Locale
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES
from service.policies.rulebooks.writing import write_test

FAULTY, UNREADABLE = 1, 2
STANDARD_INPUT = Path("-")

policies = typer.Typer(
    help="Look over rulebooks in files.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


class Language(Enum):
    """The language that problems and explanations are worded in."""

    ENGLISH = "en"
    TRADITIONAL = "zh-Hant"
    SIMPLIFIED = "zh-Hans"

    @property
    def locale(self) -> Locale:
        """The language as messages know it."""
        locale: Locale = self.value
        return locale


class Form(Enum):
    """How a document is written."""

    YAML = "yaml"
    JSON = "json"


InLanguage = Annotated[Language, typer.Option("--language", help="Of messages.")]
InJson = Annotated[bool, typer.Option("--json", help="One object a line.")]
OneFile = Annotated[Path, typer.Argument(help="YAML or JSON; - reads standard input.")]


@policies.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="YAML or JSON; - reads standard input.")],
    *,
    language: InLanguage = Language.ENGLISH,
    in_json: InJson = False,
    strict: Annotated[bool, typer.Option(help="Warnings count as errors.")] = False,
) -> None:
    """Tell what is wrong with rulebooks, and what deserves a look, each at its place."""
    errors = warnings = 0
    for file in files:
        checked = drafts.check_bytes(_content(file))
        errors += len(checked.errors)
        warnings += len(checked.warnings)
        for problem in checked.problems:
            shown = _object(file, problem, language) if in_json else _line(file, problem, language)
            typer.echo(shown)
    if not in_json:
        found = f"{_count(errors, 'error')}, {_count(warnings, 'warning')}"
        typer.echo(f"{_count(len(files), 'file')}: {found}", err=True)
    if errors or (strict and warnings):
        raise typer.Exit(FAULTY)


@policies.command()
def propose(file: OneFile, *, in_json: InJson = False) -> None:
    """Print the tests that a rulebook lacks; all of them pass on it as it stands."""
    try:
        document = drafts.read(_content(file))
        proposals = drafts.propose(document)
    except RulebookRefused as refused:
        _tell_and_end(file, refused.problems)
    for proposal in proposals:
        if in_json:
            typer.echo(json.dumps(_proposed(proposal), ensure_ascii=False))
        else:
            typer.echo(f"  # {_aim(proposal)}")
            typer.echo(write_test(proposal.test, drafts.vocabulary_of(document)))
    if not in_json:
        typer.echo(f"{_count(len(proposals), 'test')} proposed", err=True)


@policies.command()
def convert(
    file: OneFile,
    *,
    to: Annotated[Form | None, typer.Option(help="By default the other of the two.")] = None,
    pretty: Annotated[bool, typer.Option(help="Indent JSON: easier to read, and longer.")] = False,
) -> None:
    """Write a rulebook as YAML or JSON: the same content, in the shape of the shipped ones."""
    content = _content(file)
    try:
        document = drafts.read(content)
    except RulebookRefused as refused:
        _tell_and_end(file, refused.problems)
    wanted = to or (Form.YAML if content.lstrip()[:1] == b"{" else Form.JSON)
    if wanted is Form.YAML:
        typer.echo(drafts.write(document), nl=False)
    else:
        # Indentation would take half of what a text may have: it could not be read again.
        shape: dict[str, Any] = {"indent": 2} if pretty else {"indent": 0, "separators": (",", ":")}
        typer.echo(json.dumps(drafts.as_json(document), ensure_ascii=False, **shape))


@policies.command()
def schema(
    policy: Annotated[str, typer.Argument(help="Which rulebooks.")] = "showroom",
    *,
    language: InLanguage = Language.ENGLISH,
) -> None:
    """Print the JSON Schema with which an editor completes and checks a rulebook."""
    vocabulary = VOCABULARIES.get(policy)
    if vocabulary is None:
        near = nearest(policy, VOCABULARIES)
        hint = f"; did you mean {near}?" if near else f": there are {', '.join(VOCABULARIES)}."
        _refuse(f"There is no policy {policy}{hint}")
    typer.echo(json.dumps(editor_schema(vocabulary, language.locale), ensure_ascii=False, indent=1))


def _content(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == STANDARD_INPUT else file.read_bytes()
    except OSError as fault:
        _refuse(f"{file}: {fault.strerror or fault}")


def _tell_and_end(file: Path, problems: Iterable[Problem]) -> NoReturn:
    for problem in problems:
        typer.echo(_line(file, problem, Language.ENGLISH), err=True)
    raise typer.Exit(FAULTY)


def _line(file: Path, problem: Problem, language: Language) -> str:
    """Return a problem as compilers tell theirs, so that editors find the place."""
    weight = "error" if problem.forbids else "warning"
    message = problem.message(language.locale)
    return f"{file}:{problem.at.line}:{problem.at.column}: {weight} {problem.code}: {message}"


def _object(file: Path, problem: Problem, language: Language) -> str:
    told: dict[str, Any] = {
        "file": str(file),
        "line": problem.at.line,
        "column": problem.at.column,
        "path": problem.at.path,
        "severity": "error" if problem.forbids else "warning",
        "code": problem.code,
        "message": problem.message(language.locale),
        "suggestion": problem.suggestion,
        "test": problem.test,
    }
    return json.dumps(told, ensure_ascii=False)


def _proposed(proposal: Proposal) -> dict[str, Any]:
    return {
        "aim": proposal.aim,
        "rule": proposal.rule,
        "line": proposal.line or None,
        "other": proposal.other or None,
        "test": proposal.test,
    }


def _aim(proposal: Proposal) -> str:
    line = f", line {proposal.line}" if proposal.line else ""
    other = f" before {proposal.other}" if proposal.other else ""
    return f"{proposal.aim.lower()}: {proposal.rule}{line}{other}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(UNREADABLE)
