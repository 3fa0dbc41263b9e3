"""Compiles a document to Python functions, one a decision, built from syntax nodes.

Parameters are folded away: a rule they switch off is not even asked. The functions are never text,
so nothing in a document can reach the interpreter as code.
"""

import ast
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

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

# What has no place of its own in a text may stand in many expressions.
_LOAD, _NOT, _AND, _OR, _IN, _NOT_IN = (
    ast.Load(),
    ast.Not(),
    ast.And(),
    ast.Or(),
    ast.In(),
    ast.NotIn(),
)
_Placed = TypeVar("_Placed", bound=ast.expr | ast.stmt | ast.arg)
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
    namespace: dict[str, object] = {
        f"{name}_{index}": outcome
        for name, parts in outcomes.items()
        for index, outcome in enumerate(parts)
    }
    ranges: dict[str, object] = {}
    functions: list[ast.stmt] = [
        _function(name, part, values, ranges) for name, part in meaning.decisions.items()
    ]
    code = compile(ast.Module(functions, []), f"<rulebook {document.policy.raw}>", "exec")
    compiled: dict[str, object] = namespace | ranges
    exec(code, compiled)  # noqa: S102 - made of the nodes below, never of text
    return Rulebook(
        meaning,
        {
            name: CompiledDecision(
                meant=part,
                function=compiled[name],  # type: ignore[arg-type]  # defined by the code above
                outcomes={outcome.rule_id: outcome for outcome in outcomes[name]},
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


def _function(
    name: str, decision: MeantDecision, values: Values, ranges: dict[str, object]
) -> ast.FunctionDef:
    """Build `def decision(*, fact=absent, …): if …: return outcome …`.

    It answers None to a fact that cannot be what it is given as; the ranges of numbers, which it
    asks by name, are added to `ranges`.
    """
    facts = decision.words.facts
    body: list[ast.stmt] = []
    foreign = [_foreign(fact, ranges) for fact in facts]
    if foreign:
        # Python compiles no `or` of one part.
        any_foreign = foreign[0] if len(foreign) == 1 else _placed(ast.BoolOp(_OR, foreign))
        body.append(_if(any_foreign, _constant(None)))
    for index, meant in enumerate(decision.rules):
        outcome = _name(f"{name}_{index}")
        asked = question_of(meant, values)
        if asked is ALWAYS:
            # What follows an answer without a question is never asked.
            body.append(_placed(ast.Return(outcome)))
            break
        if asked is not NEVER:
            body.append(_if(_expression(asked), outcome))
    arguments = ast.arguments(
        posonlyargs=[],
        args=[],
        kwonlyargs=[_placed(ast.arg(fact.name)) for fact in facts],
        kw_defaults=[_constant(fact.absent) for fact in facts],
        defaults=[],
    )
    return _placed(ast.FunctionDef(name, arguments, body, decorator_list=[]))


def _placed(node: _Placed) -> _Placed:
    """Give a node the place without which Python compiles none; a rulebook's is no line of code."""
    # `ast.fix_missing_locations` finds every node again, which takes as long as compiling them.
    node.lineno, node.col_offset = 1, 0
    return node


def _name(name: str) -> ast.Name:
    return _placed(ast.Name(name, _LOAD))


def _constant(value: object) -> ast.Constant:
    # The stub leaves out tuples and frozen sets, which Python's own optimiser makes of lists.
    return _placed(ast.Constant(value))  # type: ignore[arg-type]


def _if(test: ast.expr, answer: ast.expr) -> ast.If:
    return _placed(ast.If(test, [_placed(ast.Return(answer))], []))


def _foreign(fact: Fact, ranges: dict[str, object]) -> ast.expr:
    """Build the test of a fact that is what the vocabulary does not admit."""
    admitted = _admitted(fact)
    if isinstance(admitted, range):
        known = f"{admitted.start}..{admitted.stop}"  # No decision can be called so.
        ranges[known] = admitted
        return _placed(ast.Compare(_name(fact.name), [_NOT_IN], [_name(known)]))
    return _placed(ast.Compare(_name(fact.name), [_NOT_IN], [_constant(admitted)]))


def _expression(question: Question) -> ast.expr:
    """Build the test of a question."""
    if isinstance(question, Failing):
        return _placed(ast.UnaryOp(_NOT, _expression(question.part)))
    if isinstance(question, Every | Some):
        joint = _AND if isinstance(question, Every) else _OR
        return _placed(ast.BoolOp(joint, [_expression(part) for part in question.parts]))
    fact = _name(question.fact)
    if isinstance(question, Holding):
        return fact
    if isinstance(question, Listed):
        return _placed(ast.Compare(fact, [_IN], [_constant(question.words)]))
    constant = _constant(question.constant)
    return _placed(ast.Compare(fact, [_OPERATORS[question.relation]], [constant]))
