"""Which customers a territory model takes, what is known of customers, and whom it would move."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Final

import strawberry

from service.customers import commands as of_customers
from service.customers.commands import StateTraits, TraitValue
from service.policies.access import RecordColumns
from service.schema.carry import Payload, the
from service.schema.connections import Connection, Orders, SortKey
from service.schema.context import Info
from service.schema.costs import BOARD, costs
from service.schema.customers import Party
from service.schema.filters import (
    Filter,
    IdFilter,
    TerritoryScope,
    every,
    none_of,
    on,
    on_id,
    on_territory,
    some,
)
from service.schema.listing import listing
from service.schema.mutation import (
    CommandInput,
    command,
    given,
    optional,
    orders,
    required,
)
from service.schema.nodes import CREATED_AT, ID, VERSION, Node, described
from service.schema.organisation.territory_models import TerritoryModel
from service.schema.organisation.types import Member, Territory
from service.schema.planner.finishing import Finishing
from service.schema.planner.mapping import (
    PLANNED,
    Finished,
    amount_of,
    column,
    key,
    name_in,
    names,
    planned,
    to_one,
)
from service.schema.scalars import (
    NO_ROW,
    LocalizedText,
    LocalizedTextInput,
    Money,
    found_id,
    row_id,
)
from service.schema.statistics.counting import amounts_of, by_record, counted, statistics
from service.schema.statistics.counting import by as grouped_by
from service.schema.statistics.fields import statistics_field
from service.schema.statistics.words import HIDDEN, NONE
from service.targets.commands.previewing import preview_territory_model
from service.territories import commands, tables
from service.territories.queries import Shown, findings_of
from service.territories.words import MoveReason, TraitKind

described(
    TraitKind,
    "What a trait of a customer is stated in. Values are added.",
    FLAG="Whether: `true` or `false`; conditions name it alone, `key_account`.",
    NUMBER="How many, within its bounds; `beds >= 500`.",
    WORD="Which of a closed list; `province is GUANGDONG`, `line in (IMAGING, LAB)`.",
)
described(
    MoveReason,
    "Why a territory model would have a customer elsewhere. Values are added.",
    LISTED="He is on a territory's list.",
    RULE="A territory's condition holds for him.",
    BACK="The model is gone back to: he was there when it was left.",
    ABOVE="The model is gone back to and does not know where he is: he goes to the nearest above.",
    LEFT_OUT="Nothing of the model takes him, and where he is has no place in it.",
)
_PRICED: Final = "CASE WHEN {} IS NOT NULL THEN t.currency END"
_ASKED_BY_HIM: Final = RecordColumns(owner="t.created_by")


@planned(tables.AccountTrait, action="territory.view", scope=RecordColumns())
@strawberry.type(description="Something the company knows of its customers; conditions ask for it.")
class AccountTrait(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    code: str = column("code", "As conditions write it.")
    name: str = name_in("names", "In the request's language.")
    names: LocalizedText = names("names", "In all languages.")
    kind: TraitKind = column("kind", "What it is stated in.")
    words: list[str] = column("words", "The closed list of a WORD; else empty.")
    least: int | None = column("least", "The lower bound of a NUMBER, included.")
    most: int | None = column("most", "The upper bound of a NUMBER, included.")


@planned(
    tables.TerritoryMove,
    action="territory_model.view",
    scope=_ASKED_BY_HIM,
    condition="(t.created_by = {me})",
)
@strawberry.type(
    description="That a territory model would move a customer, as the caller was last shown it."
)
class TerritoryMove(Node):
    id: strawberry.ID = key(ID)
    model: TerritoryModel | None = to_one("territory_model_id", "TerritoryModel", "The model.")
    party: Party | None = to_one("party_id", "Party", "The customer; null out of sight.")
    from_territory: Territory | None = to_one(
        "from_territory_id", "Territory", "Where he is; null if nowhere."
    )
    to_territory: Territory | None = to_one(
        "to_territory_id", "Territory", "Where he would be; null where nothing takes him."
    )
    rep: Member | None = to_one(
        "owner_id", "Member", "To whom the latest reception gave him; null out of sight."
    )
    reason: MoveReason = column("reason", "Why.")
    registration_count: int = column(
        "registration_count", "His registrations that protect somebody: leads under way."
    )
    deal_count: int = column("deal_count", "His deals so far; their credit stays where it is.")
    amount: Money | None = amount_of(
        "t.amount_minor",
        _PRICED.format("t.amount_minor"),
        "Their prices together in the company's currency.",
    )
    opportunity_count: int = column(
        "opportunity_count", "His open opportunities, which follow him: the pipeline."
    )
    pipeline: Money | None = amount_of(
        "t.pipeline_minor",
        _PRICED.format("t.pipeline_minor"),
        "What those come to that are in the company's currency.",
    )
    created_at: datetime = column("created_at", CREATED_AT)


@strawberry.input(description="Which moves.")
class TerritoryMoveFilter:
    and_: list["TerritoryMoveFilter"] | None = every()
    or_: list["TerritoryMoveFilter"] | None = some()
    not_: "TerritoryMoveFilter | None" = none_of()
    model_id: IdFilter | None = on_id("t.territory_model_id", "territory_model", "By model.")
    from_territory: TerritoryScope | None = on_territory("t.from_territory_id", "By where from.")
    to_territory: TerritoryScope | None = on_territory("t.to_territory_id", "By where to.")
    rep_id: IdFilter | None = on_id("t.owner_id", "member", "By rep.")
    reason: Filter[MoveReason] | None = on("t.reason", "text", "By reason.")


@strawberry.enum(description="What moves are counted by. Values are added.")
class TerritoryMoveDimension(Enum):
    FROM_TERRITORY = strawberry.enum_value("FROM_TERRITORY", description="By where from.")
    TO_TERRITORY = strawberry.enum_value("TO_TERRITORY", description="By where to.")
    REP = strawberry.enum_value("REP", description="By rep.")
    REASON = strawberry.enum_value("REASON", description="By reason.")


@strawberry.type(description="What a row of moves is about; null where not grouped by that.")
class TerritoryMoveStatisticsKey:
    from_territory: Territory | None = by_record("t.from_territory_id", "Territory", "Where from.")
    to_territory: Territory | None = by_record("t.to_territory_id", "Territory", "Where to.")
    rep: Member | None = by_record("t.owner_id", "Member", "The rep.")
    reason: MoveReason | None = grouped_by("t.reason", "The reason.")
    none: list[TerritoryMoveDimension] = strawberry.field(description=NONE)
    hidden: list[TerritoryMoveDimension] = strawberry.field(description=HIDDEN)


@strawberry.type(description="Moves the caller was last shown, counted.")
class TerritoryMoveStatistics:
    key: TerritoryMoveStatisticsKey = strawberry.field(description="What the row is about.")
    party_count: int = counted("count(*)", "How many customers.")
    registration_count: int = counted(
        "coalesce(sum(t.registration_count), 0)", "Their registrations that protect somebody."
    )
    deal_count: int = counted("coalesce(sum(t.deal_count), 0)", "Their deals so far.")
    amounts: list[Money] = amounts_of(
        "t.amount_minor", "The prices of those in the company's currency, exact."
    )
    opportunity_count: int = counted(
        "coalesce(sum(t.opportunity_count), 0)", "Their open opportunities, which follow them."
    )
    pipeline: list[Money] = amounts_of(
        "t.pipeline_minor",
        "What those come to that are in the company's currency, exact.",
        name="pipeline",
    )


MOVES: Final = statistics(
    "TerritoryMove",
    TerritoryMoveStatistics,
    TerritoryMoveStatisticsKey,
    zone="",
    at="t.created_at",
    day="t.created_at::date",
)


@strawberry.enum(description="What is to be looked at among conditions. Values are added.")
class TerritoryFindingKind(Enum):
    UNREADABLE = strawberry.enum_value(
        "UNREADABLE", description="A condition asks for what the company no longer knows."
    )
    NEVER_MATCHES = strawberry.enum_value(
        "NEVER_MATCHES", description="It can hold for no customer who comes as far."
    )
    OVERLAP = strawberry.enum_value(
        "OVERLAP", description="Two siblings want one customer; the one that stands first gets him."
    )
    GAP = strawberry.enum_value(
        "GAP", description="A customer who comes as far is wanted by none of those below."
    )
    TOO_COMPLEX = strawberry.enum_value(
        "TOO_COMPLEX", description="The conditions of siblings are too complex to be checked."
    )


@strawberry.type(description="What is known of a customer in an example.")
class TraitExample:
    code: str = strawberry.field(description="The trait's code, `kind` or `owned`.")
    value: str = strawberry.field(description="As a condition would write it.")


@strawberry.type(description="Something to be looked at among the conditions of a territory model.")
class TerritoryFinding:
    kind: TerritoryFindingKind = strawberry.field(description="What it is.")
    territory: str | None = strawberry.field(
        description="Code of the territory whose condition it is; of a gap the one above, null at"
        " the top."
    )
    other: str | None = strawberry.field(
        description="Of an overlap, the code of the sibling that stands later."
    )
    witness: list[TraitExample] = strawberry.field(
        description="A customer who shows it; what is not named is not stated of him."
    )
    message: str | None = strawberry.field(
        description="What is wrong with a condition that cannot be read, in English."
    )


_MODEL_ID: Final = "The territory model."


async def _finish_findings(
    finishing: Finishing, _raw: object, arguments: Mapping[str, Any]
) -> list[TerritoryFinding]:
    model_id = found_id(str(arguments["model_id"]), "territory_model") or NO_ROW
    return _shown(await finishing.within(lambda sight: findings_of(sight, model_id)))


def _shown(found: list[Shown]) -> list[TerritoryFinding]:
    return [
        TerritoryFinding(
            kind=TerritoryFindingKind[one.kind],
            territory=one.territory,
            other=one.other,
            witness=[TraitExample(code=code, value=value) for code, value in one.witness],
            message=one.message,
        )
        for one in found
    ]


@strawberry.input(description="Something the company knows of its customers from now on.")
class DeclareAccountTraitInput(CommandInput):
    code: str = required("1 to 40 small letters, digits and underscores; unique.")
    names: LocalizedTextInput = required("Its name.")
    kind: TraitKind = required("What it is stated in.")
    words: list[str] = strawberry.field(
        default_factory=list,
        description="The closed list of a WORD, at most 1,000: capital letters, digits and"
        " underscores, at most 40; never NONE, which means that nothing is stated.",
    )
    least: int | None = optional("The lower bound of a NUMBER, included.")
    most: int | None = optional("The upper bound of a NUMBER, included.")


@strawberry.input(description="A trait is renamed, or its list grows; what is left out stays.")
class EditAccountTraitInput(CommandInput):
    account_trait_id: strawberry.ID = required("The trait.")
    expected_version: int = required("The version the caller has seen.")
    names: LocalizedTextInput | None = optional("Its name.")
    added_words: list[str] = strawberry.field(
        default_factory=list, description="Words that join the list of a WORD."
    )


@strawberry.input(description="One thing known of a customer.")
class TraitValueInput:
    code: str = required("The trait's code.")
    value: str | None = optional(
        "As a condition would write it: `true`, `500`, `GUANGDONG`; null forgets it."
    )


@strawberry.input(description="What is known of a customer; what is not named stays.")
class StateTraitsInput(CommandInput):
    party_id: strawberry.ID = required("The customer.")
    traits: list[TraitValueInput] = required("What is known, at most 100.")


@strawberry.input(description="The condition by which a territory of a draft takes customers.")
class SetTerritoryRuleInput(CommandInput):
    territory_model_id: strawberry.ID = required("The draft.")
    territory_id: strawberry.ID = required("The territory, which has a place in it.")
    rule: str | None = optional(
        "A condition of at most 4,000 characters, in the language of the rulebooks, over `kind`,"
        " `owned` and the company's `accountTraits`; left out, it takes nobody by itself."
    )


@strawberry.input(description="Customers are listed by name for a territory of a draft.")
class ListAccountsInput(CommandInput):
    territory_model_id: strawberry.ID = required("The draft.")
    party_ids: list[strawberry.ID] = required("The customers, 1 to 200.")
    territory_id: strawberry.ID | None = optional(
        "The territory; left out, they are taken off the draft's lists."
    )


@strawberry.input(description="Whom a model would move is worked out for the caller.")
class PreviewTerritoryModelInput(CommandInput):
    territory_model_id: strawberry.ID = required("The model.")
    active_on: date | None = optional(
        "The day of the company from which targets would follow; left out, today."
    )


@strawberry.type(description="`accountTrait` is null exactly when `errors` is not empty.")
class _OfTrait(Payload):
    account_trait: AccountTrait | None = strawberry.field(default=None, description="The trait.")


@strawberry.type(description="`accountTrait` is null exactly when `errors` is not empty.")
class DeclareAccountTraitPayload(_OfTrait):
    pass


@strawberry.type(description="`accountTrait` is null exactly when `errors` is not empty.")
class EditAccountTraitPayload(_OfTrait):
    pass


@strawberry.type(description="`party` is null exactly when `errors` is not empty.")
class StateTraitsPayload(Payload):
    party: Party | None = strawberry.field(default=None, description="The customer.")


@strawberry.type(description="`model` is null exactly when `errors` is not empty.")
class _OfModel(Payload):
    model: TerritoryModel | None = strawberry.field(default=None, description="The model.")


@strawberry.type(description="`model` is null exactly when `errors` is not empty.")
class SetTerritoryRulePayload(_OfModel):
    pass


@strawberry.type(description="`model` is null exactly when `errors` is not empty.")
class ListAccountsPayload(_OfModel):
    pass


@strawberry.type(description="`model` is null exactly when `errors` is not empty.")
class PreviewTerritoryModelPayload(_OfModel):
    pass


def _stated(sent: StateTraitsInput) -> StateTraits:
    return StateTraits(
        party_id=row_id(str(sent.party_id), "party", "partyId"),
        traits=tuple(TraitValue(one.code, given(one.value)) for one in sent.traits),
    )


_OF_PLACE: Final[dict[str, Any]] = {
    "territory_model_id": "territory_model",
    "territory_id": "territory",
}


@strawberry.type
class TerritoryAccountsQuery:
    @strawberry.field(
        description="What is to be looked at among the conditions of a territory model: gaps and"
        " overlaps with a customer who shows them, conditions that never hold. Empty for a model"
        " out of the caller's sight.",
        metadata={PLANNED: Finished("'true'::json", _finish_findings), **costs(BOARD)},
    )
    async def territory_findings(
        self,
        info: Info,
        model_id: Annotated[strawberry.ID, strawberry.argument(description=_MODEL_ID)],
    ) -> list[TerritoryFinding]:
        reader = await info.context.reader()
        row_id_ = found_id(str(model_id), "territory_model") or NO_ROW
        return _shown(await reader.within(lambda sight: findings_of(sight, row_id_)))

    account_traits: Connection[AccountTrait] = listing(
        AccountTrait,
        Orders({"CODE": SortKey("t.code", "text")}, usual="CODE", descending=False),
        "What the company knows of its customers, by code.",
    )
    territory_moves: Connection[TerritoryMove] = listing(
        TerritoryMove,
        Orders({"CREATED_AT": SortKey("t.created_at", "timestamptz")}, usual="CREATED_AT"),
        "Whom territory models would move, as `previewTerritoryModel` last showed the caller.",
        filter=TerritoryMoveFilter,
    )
    territory_move_statistics: list[TerritoryMoveStatistics] = statistics_field(
        MOVES,
        "The moves of `territoryMoves`, counted: a total is the sum of what the caller could list.",
        dimensions=TerritoryMoveDimension,
        filter=TerritoryMoveFilter,
    )


@strawberry.type
class TerritoryAccountsMutation:
    declare_account_trait: DeclareAccountTraitPayload = command(
        commands.declare_account_trait,
        orders(commands.DeclareAccountTrait),
        DeclareAccountTraitInput,
        DeclareAccountTraitPayload,
        the(account_trait=AccountTrait),
        "Adds a word to what conditions may ask of a customer. Action `account_trait.declare`.",
    )
    edit_account_trait: EditAccountTraitPayload = command(
        commands.edit_account_trait,
        orders(commands.EditAccountTrait, account_trait_id="account_trait"),
        EditAccountTraitInput,
        EditAccountTraitPayload,
        the(account_trait=AccountTrait),
        "Renames a trait or lets its list grow. Action `account_trait.declare`.",
    )
    state_traits: StateTraitsPayload = command(
        of_customers.state_traits,
        _stated,
        StateTraitsInput,
        StateTraitsPayload,
        the(party=Party),
        "Says what is known of a customer; the territories in force then say where he belongs."
        " Action `party.edit`.",
    )
    set_territory_rule: SetTerritoryRulePayload = command(
        commands.set_territory_rule,
        orders(commands.SetTerritoryRule, **_OF_PLACE),
        SetTerritoryRuleInput,
        SetTerritoryRulePayload,
        the(model=TerritoryModel),
        "Writes the condition by which a territory of a draft takes customers. A condition that"
        " cannot be read is refused; `territoryFindings` tells of gaps and overlaps. Actions"
        " `territory_model.edit` and `territory_model.place`.",
    )
    list_accounts: ListAccountsPayload = command(
        commands.list_accounts,
        orders(commands.ListAccounts, **_OF_PLACE, party_ids="party"),
        ListAccountsInput,
        ListAccountsPayload,
        the(model=TerritoryModel),
        "Lists customers by name for a territory of a draft, whatever its conditions say. Actions"
        " `territory_model.edit`, and `territory_model.place` for the territory and where the"
        " customers are now.",
    )
    preview_territory_model: PreviewTerritoryModelPayload = command(
        preview_territory_model,
        orders(commands.PreviewTerritoryModel, territory_model_id="territory_model"),
        PreviewTerritoryModelInput,
        PreviewTerritoryModelPayload,
        the(model=TerritoryModel),
        "Works out whom a model would move if it came into force now, for the caller to read in"
        " `territoryMoves`, and what of the targets and of the people would go along"
        " (`territoryMoveTargets`, `territoryMoveSeats`; `…Statistics` count them); what lies"
        " outside his sub-tree he is not told. Action `territory_model.edit`.",
    )
