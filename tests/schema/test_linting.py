"""The linter of the schema: the committed schema is clean, and each rule can be broken."""

import pytest
from graphql import build_schema

from service.schema.linting import RULES, faults
from service.schema.printed import FILE

SOUND = """
"What can be read."
type Query {
  "A visit."
  visit("Which." id: ID!): Visit
  "The visits."
  visits(
    "How many from the start, 1 to 200." first: Int
    "How many from the end, 1 to 200." last: Int
    "What follows." after: String
    "What precedes." before: String
  ): VisitConnection!
  "Some by their ids."
  nodes("Which." ids: [ID!]!): [Node]!
}
"What can be done."
type Mutation {
  "An arrival."
  recordArrival("The command." input: RecordArrivalInput!): RecordArrivalPayload!
}
"What changes."
type Subscription {
  "A site's visits."
  visitChanged("Where to go on." after: EventCursor): VisitEvent!
}
"One change."
type VisitEvent {
  "Where to go on."
  cursor: EventCursor!
  "The visit."
  visit: Visit
}
"Where a stream goes on."
scalar EventCursor @specifiedBy(url: "https://example.com/cursor")
"An instant."
scalar DateTime @specifiedBy(url: "https://example.com/instant")
"A record."
interface Node {
  "Its id."
  id: ID!
}
"A visit."
type Visit implements Node {
  "Its id."
  id: ID!
  "Who receives."
  receiver: Member
  "When."
  arrivedAt: DateTime!
  "Where it is."
  state: VisitState!
  "Whether he said so."
  saidBefore: Boolean!
  "Masked ones are named here."
  maskedFields: [String!]!
  "His numbers."
  phones: [String!]
}
"A member."
type Member implements Node {
  "His id."
  id: ID!
  "His name."
  name: String!
}
"Where a visit is. Values are added."
enum VisitState {
  "He waits."
  WAITING
}
"A page."
type VisitConnection {
  "Its edges."
  edges: [VisitEdge!]!
  "Its records."
  nodes: [Visit!]!
  "Where it stands."
  pageInfo: PageInfo!
  "How many."
  totalCount: Int
  "Whether that is all."
  totalCountExact: Boolean
}
"A place in a page."
type VisitEdge {
  "Where."
  cursor: String!
  "What."
  node: Visit!
}
"Where a page stands."
type PageInfo {
  "Whether there is more."
  hasNextPage: Boolean!
}
"The command."
input RecordArrivalInput {
  "The key, 16 to 128 characters."
  idempotencyKey: String!
  "His numbers, at most 20."
  phones: [String!]
}
"What became of it."
type RecordArrivalPayload {
  "The visit."
  visit: Visit
  "Whether it was done before."
  replayed: Boolean!
  "Why not."
  errors: [CommandError!]!
}
"Why a command was refused."
type CommandError {
  "For people."
  message: String!
}
"""

BROKEN = {
    "everything_is_described": [
        ('  "He waits."\n', "", "VisitState.WAITING"),
        ('"Which." id: ID!', "id: ID!", "Query.visit(id:)"),
        ('  "The key, 16 to 128 characters."\n', "", "RecordArrivalInput.idempotencyKey"),
        ('"What became of it."\n', "", "RecordArrivalPayload"),
        ('  "His name."\n', '  "  "\n', "Member.name"),
    ],
    "names_have_their_form": [
        ("WAITING", "waiting", "VisitState.waiting"),
        ("saidBefore", "said_before", "Visit.said_before"),
        ("receiver: Member", "receiverURL: Member", "Visit.receiverURL"),
        ("VisitState", "Visit_State", "Visit_State"),
    ],
    "no_name_says_its_type_again": [("saidBefore", "visitSaid", "Visit.visitSaid")],
    "root_fields_are_nouns_commands_and_changes": [
        ("  visit(", "  getVisit(", "Query.getVisit"),
        ("  recordArrival(", "  visitUpdate(", "Mutation.visitUpdate"),
        ("  visitChanged(", "  visitStream(", "Subscription.visitStream"),
    ],
    "suffixes_carry_the_kind": [
        ("arrivedAt: DateTime!", "arrival: DateTime!", "Visit.arrival"),
        ("arrivedAt: DateTime!", "arrivedAt: String!", "Visit.arrivedAt"),
        ("saidBefore", "isReturning", "Visit.isReturning"),
        ("saidBefore", "notNew", "Visit.notNew"),
    ],
    "relations_are_objects": [("receiver: Member", "receiverId: ID", "Visit.receiverId")],
    "scalars_name_their_page": [
        (' @specifiedBy(url: "https://example.com/instant")', "", "DateTime")
    ],
    "no_floats_and_no_open_objects": [("name: String!", "name: Float!", "Member.name")],
    "nothing_is_abstract_but_a_node": [
        ('"A member."', '"Either."\nunion Somebody = Member | Visit\n"A member."', "Somebody"),
    ],
    "what_may_be_out_of_sight_is_nullable": [
        ("): Visit\n", "): Visit!\n", "Query.visit"),
        ("receiver: Member", "receiver: Member!", "Visit.receiver"),
        ("nodes: [Visit!]!", "nodes: [Visit]!", "VisitConnection.nodes"),
        ("edges: [VisitEdge!]!", "edges: [VisitEdge!]", "VisitConnection.edges"),
        ("): VisitConnection!", "): VisitConnection", "Query.visits"),
    ],
    "connections_have_one_shape": [
        ('    "What precedes." before: String\n', "", "Query.visits"),
        ("the start, 1 to 200.", "the start.", "Query.visits(first:)"),
        ('  "How many."\n  totalCount: Int\n', "", "VisitConnection"),
    ],
    "commands_have_one_shape": [
        ("idempotencyKey: String!", "idempotencyKey: String", "Mutation.recordArrival"),
        ("errors: [CommandError!]!", "errors: [CommandError!]", "Mutation.recordArrival"),
        ("replayed: Boolean!", "replayed: Boolean", "Mutation.recordArrival"),
        ("): RecordArrivalPayload!", "): Visit", "Mutation.recordArrival"),
        ("input: RecordArrivalInput!", "arrival: RecordArrivalInput!", "Mutation.recordArrival"),
        ('  visit: Visit\n  "W', '  visit: Visit!\n  "W', "RecordArrivalPayload.visit"),
    ],
    "texts_and_lists_say_how_long": [
        (", 16 to 128 characters", "", "RecordArrivalInput.idempotencyKey"),
        (", at most 20", ", up to 20 characters", "RecordArrivalInput.phones"),
    ],
    "subscriptions_can_be_resumed": [
        ('("Where to go on." after: EventCursor)', "", "Subscription.visitChanged"),
        ("cursor: EventCursor!", "place: EventCursor!", "Subscription.visitChanged"),
    ],
    "enumerations_say_that_they_grow": [(" Values are added.", "", "VisitState")],
    "deprecations_say_what_instead_and_until_when": [
        ("receiver: Member", 'receiver: Member @deprecated(reason: "old")', "Visit.receiver"),
    ],
}  # fmt: skip


def test_the_committed_schema_has_no_fault() -> None:
    assert faults(build_schema(FILE.read_text("utf-8"))) == []


def test_the_sound_schema_is_sound() -> None:
    assert faults(build_schema(SOUND)) == []


def test_each_rule_is_broken_once() -> None:
    assert list(BROKEN) == [rule.__name__ for rule in RULES]


@pytest.mark.parametrize(
    ("rule", "words", "instead", "place"),
    [(rule, *case) for rule, cases in BROKEN.items() for case in cases],
)
def test_a_broken_rule_is_found_at_its_place(
    rule: str, words: str, instead: str, place: str
) -> None:
    assert words in SOUND

    found = faults(build_schema(SOUND.replace(words, instead, 1 if "\n" in words else -1)))

    assert (rule, place) in {(fault.rule, fault.place) for fault in found}


def test_a_deprecation_that_says_what_instead_is_let_pass() -> None:
    reason = '@deprecated(reason: "Use owner. Removed after 2027-12-31.")'
    assert (
        faults(build_schema(SOUND.replace("receiver: Member", f"receiver: Member {reason}"))) == []
    )
