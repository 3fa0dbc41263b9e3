"""Four back ends of one tree, and a judge that others wrote, decide alike."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
import pytest
from cel_expr_python import cel
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rulebook_desk import DESK
from rulebook_strategies import DOCUMENTS, FACTS
from shipped_rulebooks import SHIPPED

from service.database.connections import connected
from service.policies.rulebooks.cel import to_cel
from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.document import parse
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


def by_cel(rulebook: Rulebook, name: str, rows: Iterable[Facts]) -> list[str]:
    """Ask Google's CEL line by line; the first rule whose lines all hold decides."""
    decision, ids = decision_of(rulebook, name)
    types = {Flag: cel.Type.BOOL, Number: cel.Type.INT}
    variables = {
        fact.name: types.get(type(fact.kind), cel.Type.STRING) for fact in decision.words.facts
    }
    variables["params"] = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
    env = cel.NewEnv(variables=variables)
    rules = [[env.compile(to_cel(line)) for line in meant.when] for meant in decision.rules]
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
                for index, lines in enumerate(rules)
                if all(line.eval(asked).plain_value() is True for line in lines)
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


def values_of(fact: Fact) -> st.SearchStrategy[Value]:
    if isinstance(fact.kind, Flag):
        return st.booleans()
    if isinstance(fact.kind, Number):
        few = st.integers(0, min(15, fact.kind.most))
        return few | st.integers(fact.kind.least, fact.kind.most)
    return st.sampled_from(fact.kind.words)


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


@pytest.mark.parametrize(
    ("name", "decision"),
    [(name, decision) for name in sorted(SHIPPED) for decision in parse(SHIPPED[name]).decisions],
)
@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
async def test_all_agree_on_every_decision_that_is_shipped(
    connection: Any, name: str, decision: str, data: st.DataObject
) -> None:
    document = parse(SHIPPED[name])
    rulebook = compile_rulebook(document, VOCABULARIES[document.policy.raw])
    words = rulebook.meaning.decisions[decision].words
    facts = st.fixed_dictionaries({fact.name: values_of(fact) for fact in words.facts})
    rows = data.draw(st.lists(facts, min_size=20, max_size=20), label=decision)
    await all_agree(connection, rulebook, decision, rows)


@pytest.mark.parametrize("name", sorted(SHIPPED))
async def test_all_agree_on_what_the_shipped_tests_ask(connection: Any, name: str) -> None:
    document = parse(SHIPPED[name])
    vocabulary = VOCABULARIES[document.policy.raw]
    trials = document.tests
    overrides = {
        tuple(sorted((key, str(value)) for key, value in one.params.items())): one.params
        for one in trials
    }
    for params in overrides.values():
        written = {
            key: value.raw if not isinstance(value, tuple) else [word.raw for word in value]
            for key, value in params.items()
        }
        rulebook = compile_rulebook(document, vocabulary, written)
        for decision in rulebook.meaning.decisions.values():
            rows = [
                facts_of(decision, one)
                for one in trials
                if one.decision.raw == decision.words.name and one.params == params
            ]
            if rows:
                await all_agree(connection, rulebook, decision.words.name, rows)


def test_what_a_tenant_wrote_is_never_part_of_a_statement() -> None:
    hostile = "x'); DROP TABLE app.tenant; --"
    plain = parse(SHIPPED["showroom"]).to_json()
    for decision in plain["decisions"].values():
        for rule in (*decision["rules"], decision["otherwise"]):
            rule["id"] = hostile + rule["id"]
    rulebook = compile_rulebook(parse(json.dumps(plain)), VOCABULARIES["showroom"])

    for decision in rulebook.meaning.decisions.values():
        case = to_sql(decision, rulebook.parameters)
        assert "DROP" not in case.sql
        assert "'" not in case.sql


def test_polars_is_not_there_until_a_simulation_asks() -> None:
    asked = (
        "import sys, service.app.serving, service.policies.rulebooks.drafts;"
        "sys.exit('polars' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
