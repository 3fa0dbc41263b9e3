"""Compiles a document to Python functions, one a decision, built from syntax nodes.

Parameters are folded away: a rule they switch off is not even asked. The functions are never text,
so nothing in a document can reach the interpreter as code.
"""

import ast
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import cast

from service.policies.rulebooks.conditions import (
    All,
    Among,
    Compares,
    Condition,
    FactTerm,
    Holds,
    Not,
    ParameterTerm,
)
from service.policies.rulebooks.evaluating import Values, compare, listed_words, term_value
from service.policies.rulebooks.meaning import MeantDecision, meaning_of
from service.policies.rulebooks.parameters import Overrides
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.problems import RulebookRefused
from service.policies.rulebooks.rulebook import CompiledDecision, Outcome, Rulebook
from service.policies.rulebooks.vocabulary.kinds import (
    Fact,
    Flag,
    Number,
    ParameterValue,
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
        test = _all(_expression(line, values) for line in meant.when)
        if not isinstance(test, bool):
            body.append(ast.If(test, [answer], []))
        elif test:
            # What follows an answer without a question is never asked; Python drops it.
            body.append(answer)
    arguments = ast.arguments(
        posonlyargs=[],
        args=[],
        kwonlyargs=[ast.arg(fact.name) for fact in decision.words.facts],
        kw_defaults=[ast.Constant(fact.absent) for fact in decision.words.facts],
        defaults=[],
    )
    return ast.FunctionDef(name, arguments, body, decorator_list=[])


def _expression(condition: Condition, values: Values) -> ast.expr | bool:
    """Build the test of a condition, or its answer where the parameters alone decide."""
    if isinstance(condition, Holds):
        return _flag(condition.flag, values)
    if isinstance(condition, Compares):
        return _comparison(condition, values)
    if isinstance(condition, Among):
        return _membership(condition, values)
    if isinstance(condition, Not):
        inner = _expression(condition.part, values)
        return not inner if isinstance(inner, bool) else ast.UnaryOp(ast.Not(), inner)
    parts = [_expression(part, values) for part in condition.parts]
    return _all(parts) if isinstance(condition, All) else _any(parts)


def _flag(flag: FactTerm | ParameterTerm, values: Values) -> ast.expr | bool:
    if isinstance(flag, FactTerm):
        return ast.Name(flag.name, ast.Load())
    return bool(values[flag.name])


def _comparison(condition: Compares, values: Values) -> ast.expr | bool:
    left, right = condition.left, term_value(condition.right, {}, values)
    if not isinstance(left, FactTerm):
        return compare(term_value(left, {}, values), condition.relation, right)
    fact = ast.Name(left.name, ast.Load())
    return ast.Compare(fact, [_OPERATORS[condition.relation]], [_constant(right)])


def _membership(condition: Among, values: Values) -> ast.expr | bool:
    left, words = condition.left, listed_words(condition.listed, values)
    if not isinstance(left, FactTerm):
        return values[left.name] in words
    listed = ast.Tuple([_constant(word) for word in words], ast.Load())
    return ast.Compare(ast.Name(left.name, ast.Load()), [ast.In()], [listed])


def _constant(value: ParameterValue) -> ast.Constant:
    return ast.Constant(cast("int | str", value))


def _all(parts: Iterable[ast.expr | bool]) -> ast.expr | bool:
    tests = []
    for part in parts:
        if part is False:
            return False
        if not isinstance(part, bool):
            tests.append(part)
    return _joined(ast.And(), tests) if tests else True


def _any(parts: Iterable[ast.expr | bool]) -> ast.expr | bool:
    tests = []
    for part in parts:
        if part is True:
            return True
        if not isinstance(part, bool):
            tests.append(part)
    return _joined(ast.Or(), tests) if tests else False


def _joined(operator: ast.boolop, tests: list[ast.expr]) -> ast.expr:
    return tests[0] if len(tests) == 1 else ast.BoolOp(operator, tests)
