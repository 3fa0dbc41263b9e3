"""What people write into commands and filters: odd characters and lengths are refused."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
import strawberry
from builders.api import SCHEMA, Desk
from builders.tenants import BEGINNING
from graphql import GraphQLInputField, get_named_type
from strawberry.utils.str_converters import to_camel_case

from service.clock import ManualClock, new_id
from service.errors import InvalidInput, Refusal, Refusals
from service.schema.lengths import inputs_of_commands
from service.schema.received import AS_SENT, received
from service.tenants.texts import hides_something, line_faults

ODD = "A\0n"


async def errors(desk: Desk, command: str, selection: str, **values: Any) -> list[Any]:
    payload = await desk.api.tries(desk.token("Clerk"), command, selection, **values)
    assert payload["errors"], payload
    return [(one["code"], ".".join(one["field"])) for one in payload["errors"]]


async def arrived(desk: Desk, **values: Any) -> str:
    """Let a visitor arrive and return his visit's id."""
    done = await desk.does("Clerk", "recordArrival", "visit { id }", siteId=desk.site, **values)
    return str(done["visit"]["id"])


async def test_every_fault_of_an_arrival_is_told_with_its_place(desk: Desk) -> None:
    customer = {"newCustomer": {"fullName": "N" * 201, "phones": ["+8613800000000"] * 21}}
    found = await errors(
        desk, "recordArrival", "visit { id }", siteId=desk.site, customer=customer, unitCode=ODD
    )
    assert sorted(found) == [
        ("INVALID_INPUT", "input.customer.newCustomer.fullName"),
        ("INVALID_INPUT", "input.customer.newCustomer.phones"),
        ("INVALID_INPUT", "input.unitCode"),
    ]


async def test_what_a_command_refuses_is_told_with_its_place_in_the_input(desk: Desk) -> None:
    for customer, code, place in (
        ({"phone": "12345"}, "INVALID_PHONE", "phone"),
        (
            {"newCustomer": {"phones": ["13800000001", "12345"]}},
            "INVALID_PHONE",
            "newCustomer.phones.1",
        ),
        ({"partyId": f"party_{uuid4()}"}, "NOT_FOUND", "partyId"),
    ):
        found = await errors(
            desk, "recordArrival", "visit { id }", siteId=desk.site, customer=customer
        )
        assert found == [(code, f"input.customer.{place}")]


@pytest.mark.parametrize("text", ["A\0n", "A\x1bn", "A\u2028n", "A\x85n"])
async def test_a_control_character_is_refused_wherever_it_is_written(desk: Desk, text: str) -> None:
    visit = await arrived(desk)
    party = {"partyId": f"party_{visit[6:]}"}
    phone = {"siteId": desk.site, "phone": "13800000001"}
    of_visit = {"visitId": visit}
    for command, selection, values, field in (
        ("recordCall", "callRecord { id }", phone, "callerName"),
        ("recordCall", "callRecord { id }", phone, "need"),
        ("recordCall", "callRecord { id }", phone, "source"),
        ("registerCustomer", "registration { id }", of_visit, "fullName"),
        ("registerCustomer", "registration { id }", of_visit, "remark"),
        ("recordDeal", "deal { id }", of_visit, "unitCode"),
        (
            "reassignReception",
            "visit { id }",
            {**of_visit, "memberId": desk.member("An")},
            "reason",
        ),
        ("revealPhone", "phones", party, "purpose"),
    ):
        found = await errors(desk, command, selection, **values, **{field: text})
        assert found == [("INVALID_INPUT", f"input.{field}")]


@pytest.mark.parametrize(
    ("field", "value"),
    [("rings", 32_767), ("rings", -1), ("durationSeconds", 2_147_484), ("durationSeconds", -1)],
)
async def test_a_call_has_rings_and_seconds_that_can_be(desk: Desk, field: str, value: int) -> None:
    values = {"siteId": desk.site, "phone": "13800000001", field: value}
    found = await errors(desk, "recordCall", "callRecord { id }", **values)
    assert found == [("INVALID_INPUT", f"input.{field}")]


async def test_a_name_is_kept_trimmed_and_in_one_spelling(desk: Desk) -> None:
    for written in ("  Rene\u0301e ", "Ren\u00e9e"):
        new = {"fullName": written, "phones": ["13800000002"]}
        await arrived(desk, customer={"newCustomer": new})
    filtered = "query($f: PartyFilter) { parties(first: 5, filter: $f) { nodes { fullName } } }"
    for operator in ({"eq": "Rene\u0301e"}, {"startsWith": "Rene\u0301"}, {"in": ["Ren\u00e9e"]}):
        found = await desk.ask("Lin", filtered, f={"fullName": operator})
        assert {one["fullName"] for one in found["parties"]["nodes"]} == {"Ren\u00e9e"}


@pytest.mark.parametrize(
    "name",
    [
        *(
            "王\u200b芳",
            "\u202e芳王",
            "王\u200d芳",
            "Ann\u2060a",
            "\ufeff王芳",
            "王\u3164",
            "An\xadna",
        ),
        "王芳\U000e0041",
    ],
)
async def test_what_nobody_sees_is_in_no_name(desk: Desk, name: str) -> None:
    customer = {"newCustomer": {"fullName": name}}
    selection, place = "visit { id }", "input.customer.newCustomer.fullName"
    assert await errors(desk, "recordArrival", selection, siteId=desk.site, customer=customer) == [
        ("INVALID_INPUT", place)
    ]
    answer = await desk.api.post(
        desk.token("Lin"), "query($s: String) { parties(search: $s) { nodes { id } } }", s=name
    )
    assert [one["extensions"]["code"] for one in answer.json()["errors"]] == ["INVALID_INPUT"]


SEEN = (
    *("王芳", "𠮷野家", "葛\U000e0100城", "Renée", "김철수", "Anne-Marie O’Neil", "王　芳"),
    *("می\u200cخواهم", "क्\u200dष", "家\u0301", "👨\u200d👩\u200d👧", "👩🏽\u200d💻", "❤️\u200d🔥"),
)


@pytest.mark.parametrize("name", SEEN)
def test_what_is_seen_is_a_name_whatever_it_is_written_with(name: str) -> None:
    assert not hides_something(name)
    assert list(line_faults(name, ("input", "name"))) == []


async def test_a_number_is_read_without_the_marks_it_was_pasted_with(desk: Desk) -> None:
    customer = {"phone": "\u202d138 0000 0009\u202c"}
    done = await desk.does(
        "Clerk", "recordArrival", "visit { phones }", siteId=desk.site, customer=customer
    )
    assert done["visit"] == {"phones": ["+8613800000009"]}


async def test_a_text_of_which_nothing_is_seen_is_an_empty_one(desk: Desk) -> None:
    visit = await arrived(desk)
    values = {"visitId": visit, "memberId": desk.member("An"), "reason": "\u200b\u202e \u2060"}
    payload = await desk.api.tries(desk.token("Mei"), "reassignReception", "visit { id }", **values)
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [
        ("REASON_MISSING", ["input", "reason"])
    ]


@pytest.mark.parametrize(
    ("root", "kind", "field"),
    [
        ("parties", "PartyFilter", "fullName"),
        ("auditEvents", "AuditEventFilter", "command"),
        ("decisions", "DecisionFilter", "rule"),
        ("tasks", "TaskFilter", "kind"),
        ("members", "MemberFilter", "name"),
    ],
)
async def test_a_filter_refuses_what_no_text_holds(
    desk: Desk, root: str, kind: str, field: str
) -> None:
    document = f"query($f: {kind}) {{ {root}(first: 1, filter: $f) {{ nodes {{ id }} }} }}"
    for operator in ({"eq": ODD}, {"in": [ODD]}, {"startsWith": ODD}, {"eq": "N" * 201}):
        answer = await desk.api.post(desk.token("Lin"), document, f={field: operator})
        codes = [error["extensions"]["code"] for error in answer.json()["errors"]]
        assert codes == ["INVALID_INPUT"], answer.text


async def test_an_id_made_on_a_device_is_of_version_7_and_of_no_later_day(
    desk: Desk, clock: ManualClock
) -> None:
    for made in (uuid4(), new_id(clock.now() + timedelta(days=2))):
        found = await errors(
            desk, "recordArrival", "visit { id }", siteId=desk.site, id=f"visit_{made}"
        )
        assert found == [("INVALID_INPUT", "input.id")]
    made = f"visit_{new_id(clock.now())}"
    assert await arrived(desk, id=made) == made


def test_no_command_takes_a_day_before_1900_or_after_2199() -> None:
    """Whichever input it is: a slip of the hand is no birthday and no deadline."""
    asked = 0
    kinds = SCHEMA._schema.type_map
    for place, field in inputs_of_commands(SCHEMA._schema):
        written = get_named_type(field.type).name
        if written in {"Date", "DateTime"}:
            asked += 1
            definition = kinds[place.split(".")[0]].extensions["strawberry-definition"]
            (attribute,) = (
                one.python_name
                for one in definition.fields
                if place.split(".")[1] == (one.graphql_name or to_camel_case(one.python_name))
            )
            taken = {}
            for year in (1, 1899, 1900, 2199, 2200, 9999):
                day = date(year, 6, 1)
                at = datetime.combine(day, time(), UTC)
                given: Any = at if written == "DateTime" else day
                sent = object.__new__(definition.origin)
                for one in definition.fields:
                    setattr(sent, one.python_name, strawberry.UNSET)
                setattr(sent, attribute, [given] if "[" in str(field.type) else given)
                try:
                    received(sent, BEGINNING)
                except Refusals as refused:
                    (fault,) = refused.refusals
                    taken[year] = isinstance(fault, InvalidInput) and fault.expected
            never = "YEAR_FROM_TO"
            assert taken == {1: never, 1899: never, 2200: never, 9999: never}, place
    assert asked > 20


def inputs_measured() -> Iterator[tuple[str, GraphQLInputField, Any, Any]]:
    """Yield every text and every list that a command takes, with the input type it is of."""
    kinds = SCHEMA._schema.type_map
    for place, field in inputs_of_commands(SCHEMA._schema):
        definition = kinds[place.split(".")[0]].extensions["strawberry-definition"]
        name = place.split(".")[1]
        (declared,) = (
            one
            for one in definition.fields
            if name == (one.graphql_name or to_camel_case(one.python_name))
        )
        of_list = "[" in str(field.type)
        if name not in AS_SENT and (of_list or get_named_type(field.type).name == "String"):
            yield place, field, definition, declared


MEASURED = {place: more for place, *more in inputs_measured()}


@pytest.mark.parametrize("place", sorted(MEASURED))
def test_what_an_input_says_of_its_length_is_what_is_taken(place: str) -> None:
    """One more than the description names is refused with that number; so many are not."""
    field, definition, declared = MEASURED[place]
    of_list = "[" in str(field.type)
    text = field.description.replace(",", "")
    said = [int(one) for one in re.findall(r"\d+", text)]
    entry = "a" if get_named_type(field.type).name in {"String", "ID"} else None

    def faults(size: int) -> list[Refusal]:
        sent = object.__new__(definition.origin)
        for one in definition.fields:
            setattr(sent, one.python_name, strawberry.UNSET)
        given: Any = [entry] * size if of_list else "a" * size
        setattr(sent, declared.python_name, given)
        try:
            received(sent, BEGINNING)
        except Refusals as several:
            return list(several.refusals)
        return []

    (most,) = (n for n in said if faults(n) == [] and faults(n + 1))
    (refused,) = faults(most + 1)
    assert isinstance(refused, InvalidInput)
    assert refused.most == most


def test_every_text_and_list_of_a_command_is_measured() -> None:
    assert len(MEASURED) > 90
