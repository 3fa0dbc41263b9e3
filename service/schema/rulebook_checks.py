"""What looking a rulebook's text over comes to: problems, warnings, tests it lacks."""

from enum import Enum

import strawberry

from service.rulebooks.queries import DraftRead, FoundProblem, FoundProposal


@strawberry.enum(description="How much a problem matters. Values are added.")
class RulebookProblemSeverity(Enum):
    ERROR = strawberry.enum_value("ERROR", description="Forbids publishing.")
    WARNING = strawberry.enum_value("WARNING", description="Deserves a look.")


@strawberry.type(description="One fault of a text, or something that deserves a look.")
class RulebookProblem:
    code: str = strawberry.field(description="Stable, like `UNKNOWN_NAME`.")
    severity: RulebookProblemSeverity = strawberry.field(
        description="Whether it forbids publishing."
    )
    message: str = strawberry.field(description="For people, in the caller's language.")
    line: int = strawberry.field(description="Line in the text, from 1; 0 where it has no place.")
    column: int = strawberry.field(description="Column in the line, from 1; 0 where none.")
    path: str = strawberry.field(
        description="The part of the document, as a JSON pointer (RFC 6901)."
    )
    suggestion: str | None = strawberry.field(
        description="The word that was perhaps meant; null where none is near."
    )


@strawberry.enum(description="What a proposed test is for. Values are added.")
class RulebookTestAim(Enum):
    RULE = strawberry.enum_value("RULE", description="A rule decides.")
    LINE = strawberry.enum_value("LINE", description="A line alone keeps a rule from deciding.")
    BOUNDARY = strawberry.enum_value(
        "BOUNDARY", description="A number at the edge of what a line asks, one less or one more."
    )
    OVERLAP = strawberry.enum_value(
        "OVERLAP", description="Two rules fit, and the earlier one decides."
    )
    PARAMETER = strawberry.enum_value(
        "PARAMETER", description="Another value of a parameter changes what is decided."
    )


@strawberry.type(description="A test a text lacks; it passes on the text as it stands.")
class RulebookProposedTest:
    key: str = strawberry.field(
        description="Names it for `acceptRulebookTests`; the same test has the same key."
    )
    aim: RulebookTestAim = strawberry.field(description="What it is for.")
    rule: str = strawberry.field(description="The rule it is about, like `RR-4`.")
    other_rule: str | None = strawberry.field(
        description="The second rule, where it is about which of two decides."
    )
    line: int = strawberry.field(
        description="Number of the rule's condition it is about, from 1; 0: the rule as a whole."
    )
    text: str = strawberry.field(description="The test as YAML, as the document writes it.")


def proposed(found: FoundProposal) -> RulebookProposedTest:
    """Show a proposed test."""
    return RulebookProposedTest(
        key=found.key,
        aim=RulebookTestAim(found.aim),
        rule=found.rule,
        other_rule=found.other,
        line=found.line,
        text=found.text,
    )


@strawberry.type(description="What checking a text came to.")
class RulebookCheck:
    publishable: bool = strawberry.field(description="Whether there is no error.")
    problems: list[RulebookProblem] = strawberry.field(
        description="The errors, in the order of the text, at most 50: failing tests of the text"
        " among them (`RULEBOOK_TEST_FAILS`). Empty: the text can be published."
    )
    warnings: list[RulebookProblem] = strawberry.field(
        description="What deserves a look, in the order of the text, at most 50."
    )
    test_count: int = strawberry.field(description="How many tests the text has.")


def checked(found: DraftRead) -> RulebookCheck:
    """Show what was found."""
    return RulebookCheck(
        publishable=not found.problems,
        problems=[_problem(one) for one in found.problems],
        warnings=[_problem(one) for one in found.warnings],
        test_count=found.test_count,
    )


def _problem(found: FoundProblem) -> RulebookProblem:
    severity = RulebookProblemSeverity.ERROR if found.forbids else RulebookProblemSeverity.WARNING
    return RulebookProblem(
        code=found.code,
        severity=severity,
        message=found.message,
        line=found.line,
        column=found.column,
        path=found.path,
        suggestion=found.suggestion,
    )
