"""What is done to the territory tree."""

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
from service.schema.organisation.types import Territory
from service.schema.scalars import LocalizedTextInput
from service.territories import commands


@strawberry.input(description="A new territory.")
class CreateTerritoryInput(CommandInput):
    code: str = required("Unique; 1 to 64 small letters, digits, dashes.")
    dimension: str = required("What the tree divides by, a code of the template.")
    names: LocalizedTextInput = required("Its name.")
    parent_id: strawberry.ID | None = optional("The one above; left out at the top.")


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


@strawberry.type
class TerritoriesMutation:
    create_territory: CreateTerritoryPayload = command(
        commands.create_territory,
        orders(commands.CreateTerritory, parent_id="territory"),
        CreateTerritoryInput,
        CreateTerritoryPayload,
        the(territory=Territory),
        "Adds a territory to its tree; members and roles can be placed there at once. A code in"
        " use is refused. Action `territory.create`.",
    )
    edit_territory: EditTerritoryPayload = command(
        commands.edit_territory,
        _edit,
        EditTerritoryInput,
        EditTerritoryPayload,
        the(territory=Territory),
        "Renames a territory or hangs it elsewhere in its tree; rights that reach its old or new"
        " place follow from the next request on. A circle is refused. Action `territory.edit`.",
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
