"""Four back ends of one tree, and a judge that others wrote, decide alike."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import polars as pl
import pytest
from cel_expr_python import cel
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rulebook_desk import DESK
from rulebook_strategies import DOCUMENTS, FACTS, rewritten
from rulebook_strategies import facts_of as given_facts
from shipped_rulebooks import OF_EACH_POLICY, SHIPPED, document_of, rulebook_of

from service.database.connections import connected
from service.policies.rulebooks.cel import to_cel
from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.frames import schema_of, to_polars
from service.policies.rulebooks.meaning import MeantDecision
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.rulebook import Rulebook
from service.policies.rulebooks.sql import columns_of_json, to_sql
from service.policies.rulebooks.trials import facts_of
from service.policies.rulebooks.vocabulary.kinds import Fact, Flag, Number, Value
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES

Facts = Mapping[str, Value]
SQL_TYPES = {Flag: "boolean", Number: "bigint"}


def by_function(rulebook: Rulebook, name: str, rows: Iterable[Facts]) -> list[str]:
    return [rulebook.decide(name, facts).rule_id for facts in rows]


def by_tracer(rulebook: Rulebook, name: str, rows: Iterable[Facts]) -> list[str]:
    return [rulebook.trace(name, facts).tried[-1].rule_id for facts in rows]


def by_polars(rulebook: Rulebook, name: str, rows: list[Facts]) -> list[str]:
    decision, ids = decision_of(rulebook, name)
    frame = pl.DataFrame(rows, schema=schema_of(decision.words), orient="row")
    answers = frame.with_columns(rule=to_polars(decision, rulebook.parameters))["rule"]
    return [ids[index] for index in answers]


@cache
def cel_lines(facts: tuple[Fact, ...], lines: tuple[str, ...]) -> tuple[Any, list[Any]]:
    """Compile lines of CEL once; the parameters are a map that each asking brings along."""
    types = {Flag: cel.Type.BOOL, Number: cel.Type.INT}
    variables = {fact.name: types.get(type(fact.kind), cel.Type.STRING) for fact in facts}
    env = cel.NewEnv(variables={**variables, "params": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)})
    return env, [env.compile(line) for line in lines]


def by_cel(rulebook: Rulebook, name: str, rows: Iterable[Facts]) -> list[str]:
    """Ask Google's CEL line by line; the first rule whose lines all hold decides."""
    decision, ids = decision_of(rulebook, name)
    printed = tuple(to_cel(line) for meant in decision.rules for line in meant.when)
    env, compiled = cel_lines(decision.words.facts, printed)
    lines = iter(compiled)
    rules = [[next(lines) for _ in meant.when] for meant in decision.rules]
    params = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in rulebook.parameters.items()
    }
    answers = []
    for facts in rows:
        asked = env.Activation({**facts, "params": params})
        answers.append(
            next(
                ids[index]
                for index, asked_lines in enumerate(rules)
                if all(line.eval(asked).plain_value() is True for line in asked_lines)
            )
        )
    return answers


def decision_of(rulebook: Rulebook, name: str) -> tuple[MeantDecision, list[str]]:
    decision = rulebook.meaning.decisions[name]
    return decision, [meant.rule.id.raw for meant in decision.rules]


def sql_type(fact: Fact) -> str:
    return SQL_TYPES.get(type(fact.kind), "text")


async def by_sql(connection: Any, rulebook: Rulebook, name: str, rows: list[Facts]) -> list[str]:
    """Ask PostgreSQL, with a column a fact, and again with the facts in one jsonb."""
    decision, ids = decision_of(rulebook, name)
    facts = decision.words.facts
    case = to_sql(decision, rulebook.parameters, bound_before=1)
    declared = ", ".join(f'"{fact.name}" {sql_type(fact)}' for fact in facts)
    table = f"jsonb_to_recordset($1::jsonb) AS given(n int, {declared})"
    numbered = [{"n": n, **row} for n, row in enumerate(rows)]
    found = await connection.fetch(
        f"SELECT {case.sql} AS rule FROM {table} ORDER BY n", numbered, *case.arguments
    )
    stored = to_sql(
        decision, rulebook.parameters, columns_of_json(decision.words, "facts"), bound_before=1
    )
    sparse = [
        {fact.name: row[fact.name] for fact in facts if row[fact.name] != fact.absent}
        for row in rows
    ]
    again = await connection.fetch(
        f"SELECT {stored.sql} AS rule"
        " FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS given(facts, n) ORDER BY n",
        sparse,
        *stored.arguments,
    )
    assert [row["rule"] for row in again] == [row["rule"] for row in found]
    return [ids[row["rule"]] for row in found]


async def all_agree(connection: Any, rulebook: Rulebook, name: str, rows: list[Facts]) -> None:
    answers = by_function(rulebook, name, rows)
    assert by_tracer(rulebook, name, rows) == answers
    assert by_cel(rulebook, name, rows) == answers
    assert by_polars(rulebook, name, rows) == answers
    assert await by_sql(connection, rulebook, name, rows) == answers


@pytest.fixture
async def connection(server: Any) -> Any:
    async with connected(server, "postgres", "postgres") as open_connection:
        yield open_connection


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(DOCUMENTS, st.lists(FACTS, min_size=1, max_size=20))
async def test_all_agree_on_random_documents(
    connection: Any, document: Document, rows: list[Facts]
) -> None:
    await all_agree(connection, compile_rulebook(document, DESK), "greet", rows)


@pytest.mark.parametrize("name", sorted(SHIPPED))
@settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(data=st.data())
async def test_all_agree_on_every_decision_that_is_shipped(
    connection: Any, name: str, data: st.DataObject
) -> None:
    rulebook = rulebook_of(name)
    for decision, meant in rulebook.meaning.decisions.items():
        facts = st.lists(given_facts(meant.words), min_size=10, max_size=10)
        await all_agree(connection, rulebook, decision, data.draw(facts, label=decision))


@pytest.mark.parametrize("policy", OF_EACH_POLICY)
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(data=st.data())
async def test_all_agree_on_rules_that_nobody_thought_of(
    connection: Any, policy: str, data: st.DataObject
) -> None:
    shipped, vocabulary = document_of(policy), VOCABULARIES[policy]
    words = vocabulary.decisions[data.draw(st.sampled_from(sorted(shipped.decisions)))]
    document = data.draw(rewritten(shipped, words))
    rows = data.draw(st.lists(given_facts(words), min_size=5, max_size=20))

    await all_agree(connection, compile_rulebook(document, vocabulary), words.name, rows)


@pytest.mark.parametrize("name", OF_EACH_POLICY)
async def test_all_agree_on_what_the_shipped_tests_ask(connection: Any, name: str) -> None:
    document, meaning = document_of(name), rulebook_of(name).meaning
    rows: dict[tuple[str, str], list[Facts]] = {}
    params: dict[str, Any] = {}
    for trial in document.tests:
        written = {
            key: value.raw if not isinstance(value, tuple) else [word.raw for word in value]
            for key, value in trial.params.items()
        }
        decision = meaning.decisions[trial.decision.raw]
        params[repr(written)] = written
        rows.setdefault((repr(written), decision.words.name), []).append(facts_of(decision, trial))
    for (overrides, decision), given_rows in rows.items():
        rulebook = compile_rulebook(document, VOCABULARIES[name], params[overrides])
        await all_agree(connection, rulebook, decision, given_rows)


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_what_a_tenant_wrote_is_never_part_of_a_statement(name: str) -> None:
    rulebook = rulebook_of(name)

    for decision in rulebook.meaning.decisions.values():
        case = to_sql(decision, rulebook.parameters)
        spoken = set(re.findall(r"\w+", case.sql))
        assert not spoken & {meant.rule.id.raw for meant in decision.rules}
        assert not spoken & set(case.arguments)
        assert "'" not in case.sql
