"""What is done to the territory tree, and to the models that draw it."""

from datetime import date

import strawberry

from service.schema.carry import Payload, the
from service.schema.mutation import (
    CommandInput,
    command,
    is_set,
    optional,
    order_of,
    orders,
    required,
)
from service.schema.organisation.territory_models import (
    TerritoryActivation,
    TerritoryModel,
)
from service.schema.organisation.types import Territory
from service.schema.scalars import LocalizedTextInput
from service.territories import commands


@strawberry.input(description="A new territory.")
class CreateTerritoryInput(CommandInput):
    code: str = required("Unique; 1 to 64 small letters, digits, dashes.")
    dimension: str = required("What the tree divides by, a code of the template.")
    names: LocalizedTextInput = required("Its name.")
    parent_id: strawberry.ID | None = optional("The one above; left out at the top.")
    territory_model_id: strawberry.ID | None = optional(
        "The draft it is for; left out, it exists at once, in the model in force and those to come."
    )


@strawberry.input(description="A territory is renamed or moved; what is left out stays.")
class EditTerritoryInput(CommandInput):
    territory_id: strawberry.ID = required("The territory.")
    expected_version: int = required("The version the caller has seen.")
    names: LocalizedTextInput | None = optional("Its name.")
    parent_id: strawberry.ID | None = optional("The one above; null moves it to the top.")


@strawberry.input(description="A territory is no longer used.")
class RetireTerritoryInput(CommandInput):
    territory_id: strawberry.ID = required("The territory.")
    expected_version: int = required("The version the caller has seen.")


@strawberry.input(description="A new draft of the territories.")
class CreateTerritoryModelInput(CommandInput):
    code: str = required("Unique; 1 to 64 small letters, digits, dashes.")
    names: LocalizedTextInput = required("Its name.")
    based_on_id: strawberry.ID | None = optional(
        "The model to copy; left out, the one in force is copied."
    )
    empty: bool = strawberry.field(
        default=False, description="Whether to begin with no places at all."
    )


@strawberry.input(description="A territory model is renamed or put away; what is left out stays.")
class EditTerritoryModelInput(CommandInput):
    territory_model_id: strawberry.ID = required("The model.")
    expected_version: int = required("The version the caller has seen.")
    names: LocalizedTextInput | None = optional("Its name.")
    archived: bool | None = optional("Whether it is put away; false takes it out again.")


@strawberry.input(description="A territory is put somewhere in a draft, with all below it.")
class PlaceTerritoryInput(CommandInput):
    territory_model_id: strawberry.ID = required("The draft.")
    territory_id: strawberry.ID = required("The territory.")
    parent_id: strawberry.ID | None = optional("The one above it there; left out at the top.")
    position: int = strawberry.field(
        default=0,
        description="Its turn among its siblings, the lowest first, 0 to 100,000; equal ones by"
        " code.",
    )


@strawberry.input(description="A territory is taken out of a draft.")
class DisplaceTerritoryInput(CommandInput):
    territory_model_id: strawberry.ID = required("The draft.")
    territory_id: strawberry.ID = required("The territory; nothing may stand below it there.")


@strawberry.input(description="A territory model comes into force.")
class ActivateTerritoryModelInput(CommandInput):
    territory_model_id: strawberry.ID = required("The model: a draft, or one that was in force.")
    active_on: date | None = optional(
        "The day of the company it begins with, at most ten years away; left out, at once."
    )
    targets_follow: bool = strawberry.field(
        default=True,
        description="Whether of each target in force the share of the customers who are moved goes"
        " along, from that day on: his part of the history of the year before.",
    )


@strawberry.input(description="An announced activation is taken back.")
class WithdrawTerritoryActivationInput(CommandInput):
    activation_id: strawberry.ID = required("The activation, which has not begun.")


@strawberry.type(description="`model` is null exactly when `errors` is not empty.")
class _OfTerritoryModel(Payload):
    model: TerritoryModel | None = strawberry.field(default=None, description="The model.")


@strawberry.type(description="`model` is null exactly when `errors` is not empty.")
class CreateTerritoryModelPayload(_OfTerritoryModel):
    pass


@strawberry.type(description="`model` is null exactly when `errors` is not empty.")
class EditTerritoryModelPayload(_OfTerritoryModel):
    pass


@strawberry.type(description="`model` is null exactly when `errors` is not empty.")
class PlaceTerritoryPayload(_OfTerritoryModel):
    pass


@strawberry.type(description="`model` is null exactly when `errors` is not empty.")
class DisplaceTerritoryPayload(_OfTerritoryModel):
    pass


@strawberry.type(description="`model` is null exactly when `errors` is not empty.")
class WithdrawTerritoryActivationPayload(_OfTerritoryModel):
    pass


@strawberry.type(description="`activation` is null exactly when `errors` is not empty.")
class ActivateTerritoryModelPayload(Payload):
    activation: TerritoryActivation | None = strawberry.field(
        default=None, description="When it is in force."
    )


@strawberry.type(description="`territory` is null exactly when `errors` is not empty.")
class _OfTerritory(Payload):
    territory: Territory | None = strawberry.field(default=None, description="The territory.")


@strawberry.type(description="`territory` is null exactly when `errors` is not empty.")
class CreateTerritoryPayload(_OfTerritory):
    pass


@strawberry.type(description="`territory` is null exactly when `errors` is not empty.")
class EditTerritoryPayload(_OfTerritory):
    pass


@strawberry.type(description="`territory` is null exactly when `errors` is not empty.")
class RetireTerritoryPayload(_OfTerritory):
    pass


def _edit(sent: EditTerritoryInput) -> commands.EditTerritory:
    ids = {"territory_id": "territory", "parent_id": "territory"}
    return order_of(commands.EditTerritory, sent, ids, moved=is_set(sent.parent_id))


_OF_PLACE = {
    "territory_model_id": "territory_model",
    "territory_id": "territory",
    "parent_id": "territory",
}


@strawberry.type
class TerritoriesMutation:
    create_territory: CreateTerritoryPayload = command(
        commands.create_territory,
        orders(
            commands.CreateTerritory,
            parent_id="territory",
            territory_model_id="territory_model",
        ),
        CreateTerritoryInput,
        CreateTerritoryPayload,
        the(territory=Territory),
        "Adds a territory to its tree; members and roles can be placed there at once. A code in"
        " use is refused. Action `territory.create`; for a draft `territory_model.edit`, and"
        " `territory_model.place` above it.",
    )
    edit_territory: EditTerritoryPayload = command(
        commands.edit_territory,
        _edit,
        EditTerritoryInput,
        EditTerritoryPayload,
        the(territory=Territory),
        "Renames a territory or hangs it elsewhere in the model in force, from now on; rights that"
        " reach its old or new place follow from the next request. A circle is refused. Action"
        " `territory.edit`.",
    )
    retire_territory: RetireTerritoryPayload = command(
        commands.retire_territory,
        orders(commands.RetireTerritory, territory_id="territory"),
        RetireTerritoryInput,
        RetireTerritoryPayload,
        the(territory=Territory),
        "Takes a territory out of use; its records stay. One that still has territories, members,"
        " posts or sites in it is refused. Action `territory.retire`.",
    )
    create_territory_model: CreateTerritoryModelPayload = command(
        commands.create_territory_model,
        orders(commands.CreateTerritoryModel, based_on_id="territory_model"),
        CreateTerritoryModelInput,
        CreateTerritoryModelPayload,
        the(model=TerritoryModel),
        "Begins a draft of the territories, seen by its author and by those who draft for the whole"
        " company. Action `territory_model.create`.",
    )
    edit_territory_model: EditTerritoryModelPayload = command(
        commands.edit_territory_model,
        orders(commands.EditTerritoryModel, territory_model_id="territory_model"),
        EditTerritoryModelInput,
        EditTerritoryModelPayload,
        the(model=TerritoryModel),
        "Renames a territory model, or puts it away; one in force, or to be, is not put away."
        " Action `territory_model.edit`.",
    )
    place_territory: PlaceTerritoryPayload = command(
        commands.place_territory,
        orders(commands.PlaceTerritory, **_OF_PLACE),
        PlaceTerritoryInput,
        PlaceTerritoryPayload,
        the(model=TerritoryModel),
        "Puts a territory somewhere in a draft; nothing changes for anybody until the draft is"
        " activated. Actions `territory_model.edit`, and `territory_model.place` for the territory"
        " and for the one above, as they stand now.",
    )
    displace_territory: DisplaceTerritoryPayload = command(
        commands.displace_territory,
        orders(commands.DisplaceTerritory, **_OF_PLACE),
        DisplaceTerritoryInput,
        DisplaceTerritoryPayload,
        the(model=TerritoryModel),
        "Takes a territory out of a draft; the territory stays. Actions `territory_model.edit` and"
        " `territory_model.place`.",
    )
    activate_territory_model: ActivateTerritoryModelPayload = command(
        commands.activate_territory_model,
        orders(commands.ActivateTerritoryModel, territory_model_id="territory_model"),
        ActivateTerritoryModelInput,
        ActivateTerritoryModelPayload,
        the(activation=TerritoryActivation),
        "Puts a territory model in force from a day to come, or at once; what is announced for"
        " later stays announced. Going back is activating the old one again. Refused while it has"
        " no place for a territory in use. Action `territory_model.activate`.",
    )
    withdraw_territory_activation: WithdrawTerritoryActivationPayload = command(
        commands.withdraw_territory_activation,
        orders(commands.WithdrawTerritoryActivation, activation_id="territory_activation"),
        WithdrawTerritoryActivationInput,
        WithdrawTerritoryActivationPayload,
        the(model=TerritoryModel),
        "Takes an announced activation back before it begins; what is in force then goes on."
        " Action `territory_model.activate`.",
    )
