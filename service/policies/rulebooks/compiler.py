"""Compiles a document to Python functions, one a decision, built from syntax nodes.

Parameters are folded away: a rule they switch off is not even asked. The functions are never text,
so nothing in a document can reach the interpreter as code.
"""

import ast
from collections.abc import Mapping
from types import MappingProxyType

from service.policies.rulebooks.evaluating import Values
from service.policies.rulebooks.meaning import MeantDecision, meaning_of
from service.policies.rulebooks.parameters import Overrides
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.problems import RulebookRefused
from service.policies.rulebooks.resolving import (
    ALWAYS,
    NEVER,
    Every,
    Failing,
    Holding,
    Listed,
    Question,
    Some,
    question_of,
)
from service.policies.rulebooks.rulebook import CompiledDecision, Outcome, Rulebook
from service.policies.rulebooks.vocabulary.kinds import (
    Fact,
    Flag,
    Number,
    Value,
    Vocabulary,
)

_OPERATORS: Mapping[str, ast.cmpop] = {
    "is": ast.Eq(),
    "<": ast.Lt(),
    "<=": ast.LtE(),
    ">": ast.Gt(),
    ">=": ast.GtE(),
}


def compile_rulebook(
    document: Document, vocabulary: Vocabulary, overrides: Overrides | None = None
) -> Rulebook:
    """Type and compile a document, its parameters overridden where asked.

    Reachability and the document's own tests are the business of `checks` and `trials`, which
    ran when the version was published.

    Raises:
        RulebookRefused: a name, a type, an outcome or a parameter is wrong.
    """
    meaning, problems = meaning_of(document, vocabulary, overrides)
    if problems:
        raise RulebookRefused(problems)
    values = meaning.parameters.values
    outcomes = {name: _outcomes(part, values) for name, part in meaning.decisions.items()}
    namespace: dict[str, Outcome] = {
        f"{name}_{index}": outcome
        for name, parts in outcomes.items()
        for index, outcome in enumerate(parts)
    }
    functions: list[ast.stmt] = [
        _function(name, part, values) for name, part in meaning.decisions.items()
    ]
    module = ast.fix_missing_locations(ast.Module(functions, type_ignores=[]))
    code = compile(module, f"<rulebook {document.policy.raw}>", "exec")
    compiled: dict[str, object] = dict(namespace)
    exec(code, compiled)  # noqa: S102 - made of the nodes below, never of text
    return Rulebook(
        meaning,
        {
            name: CompiledDecision(
                meant=part,
                function=compiled[name],  # type: ignore[arg-type]  # defined by the code above
                outcomes={outcome.rule_id: outcome for outcome in outcomes[name]},
                admitted={fact.name: _admitted(fact) for fact in part.words.facts},
                absent={fact.name: fact.absent for fact in part.words.facts},
            )
            for name, part in meaning.decisions.items()
        },
    )


def _outcomes(decision: MeantDecision, values: Values) -> list[Outcome]:
    return [
        Outcome(meant.rule.id.raw, meant.rule.source.raw, MappingProxyType(meant.outcome(values)))
        for meant in decision.rules
    ]


def _admitted(fact: Fact) -> frozenset[Value] | range:
    if isinstance(fact.kind, Number):
        return range(fact.kind.least, fact.kind.most + 1)
    return frozenset((False, True) if isinstance(fact.kind, Flag) else fact.kind.words)


def _function(name: str, decision: MeantDecision, values: Values) -> ast.FunctionDef:
    """Build `def decision(*, fact=absent, …): if …: return outcome …`."""
    body: list[ast.stmt] = []
    for index, meant in enumerate(decision.rules):
        answer = ast.Return(ast.Name(f"{name}_{index}", ast.Load()))
        asked = question_of(meant, values)
        if asked == ALWAYS:
            # What follows an answer without a question is never asked; Python drops it.
            body.append(answer)
        elif asked != NEVER:
            body.append(ast.If(_expression(asked), [answer], []))
    arguments = ast.arguments(
        posonlyargs=[],
        args=[],
        kwonlyargs=[ast.arg(fact.name) for fact in decision.words.facts],
        kw_defaults=[ast.Constant(fact.absent) for fact in decision.words.facts],
        defaults=[],
    )
    return ast.FunctionDef(name, arguments, body, decorator_list=[])


def _expression(question: Question) -> ast.expr:
    """Build the test of a question."""
    if isinstance(question, Failing):
        return ast.UnaryOp(ast.Not(), _expression(question.part))
    if isinstance(question, Every | Some):
        joint = ast.And() if isinstance(question, Every) else ast.Or()
        return ast.BoolOp(joint, [_expression(part) for part in question.parts])
    fact = ast.Name(question.fact, ast.Load())
    if isinstance(question, Holding):
        return fact
    if isinstance(question, Listed):
        words = ast.Tuple([ast.Constant(word) for word in question.words], ast.Load())
        return ast.Compare(fact, [ast.In()], [words])
    constant = ast.Constant(question.constant)
    return ast.Compare(fact, [_OPERATORS[question.relation]], [constant])
