"""What is done to sites."""

from datetime import time

import strawberry

from service.reception import commands
from service.reception.tables import SiteKind
from service.schema.carry import Payload, the
from service.schema.mutation import (
    CommandInput,
    command,
    given,
    optional,
    order_of,
    required,
)
from service.schema.reception.types import Site
from service.schema.scalars import LocalizedTextInput, TimeZone


@strawberry.input(description="A new site.")
class CreateSiteInput(CommandInput):
    code: str = required("Unique; 1 to 64 small letters, digits, dashes.")
    kind: SiteKind = required("What it is in its industry.")
    names: LocalizedTextInput = required("Its name.")
    time_zone: TimeZone = required("The zone that cuts its days; it never changes.")
    phone_region: str = required("Region (ISO 3166) of numbers without a country.")
    org_unit_id: strawberry.ID = required("The unit that runs it.")
    opens_at: time = required("When it opens.")
    closes_at: time = required("When it closes.")
    territory_id: strawberry.ID | None = optional("The territory it is in.")
    manager_id: strawberry.ID | None = optional("Who receives when nobody is on duty.")


@strawberry.input(description="A site is changed; what is left out stays.")
class EditSiteInput(CommandInput):
    site_id: strawberry.ID = required("The site.")
    expected_version: int = required("The version the caller has seen.")
    names: LocalizedTextInput | None = optional("Its name.")
    phone_region: str | None = optional("Region (ISO 3166) of numbers without a country.")
    org_unit_id: strawberry.ID | None = optional("The unit that runs it.")
    territory_id: strawberry.ID | None = optional("The territory it is in.")
    manager_id: strawberry.ID | None = optional("Who receives when nobody is on duty.")
    opens_at: time | None = optional("When it opens.")
    closes_at: time | None = optional("When it closes.")


@strawberry.type(description="`site` is null exactly when `errors` is not empty.")
class CreateSitePayload(Payload):
    site: Site | None = strawberry.field(default=None, description="The site.")


@strawberry.type(description="`site` is null exactly when `errors` is not empty.")
class EditSitePayload(Payload):
    site: Site | None = strawberry.field(default=None, description="The site.")


_PLACE = {"org_unit_id": "org_unit", "territory_id": "territory", "manager_id": "member"}


def _create(sent: CreateSiteInput) -> commands.CreateSite:
    return order_of(commands.CreateSite, sent, _PLACE, names=sent.names.by_locale())


def _edit(sent: EditSiteInput) -> commands.EditSite:
    names = given(sent.names)
    by_locale = None if names is None else names.by_locale()
    return order_of(commands.EditSite, sent, {**_PLACE, "site_id": "site"}, names=by_locale)


@strawberry.type
class SitesMutation:
    create_site: CreateSitePayload = command(
        commands.create_site,
        _create,
        CreateSiteInput,
        CreateSitePayload,
        the(site=Site),
        "Action `site.create`.",
    )
    edit_site: EditSitePayload = command(
        commands.edit_site,
        _edit,
        EditSiteInput,
        EditSitePayload,
        the(site=Site),
        "Action `site.edit`.",
    )
