"""The tenant's own settings, words, calendar and channels, and the rulebook's next version."""

from collections.abc import Sequence
from datetime import date, datetime

import strawberry

from service.errors import InvalidInput
from service.ownership.commands.switching import publish_rulebook
from service.policies.access import RecordColumns
from service.rulebooks.commands import ParameterWritten, PublishRulebook
from service.schema.carry import Payload, the
from service.schema.connections import Connection, Orders, SortKey
from service.schema.context import Info
from service.schema.costs import reference
from service.schema.listing import listing
from service.schema.mutation import (
    CommandInput,
    command,
    given,
    optional,
    order_of,
    orders,
    required,
)
from service.schema.nodes import ID, VERSION, Node, described
from service.schema.organisation.types import BY_CODE
from service.schema.planner.mapping import (
    PLANNED,
    Here,
    column,
    key,
    mapping_of,
    name_in,
    names,
    planned,
    sql,
)
from service.schema.rulebooks import RulebookVersion
from service.schema.scalars import (
    CurrencyCode,
    LocaleTag,
    LocalizedText,
    LocalizedTextInput,
    TimeZone,
)
from service.targets.alerts import IDLE_DAYS_SET, PACE_BASIS_POINTS_SET, PACE_DAYS_SET
from service.tenants import commands, tables
from service.tenants.tables import TenantState
from service.tenants.texts import Texts

described(
    TenantState,
    "Whether a tenant may work. Values are added.",
    ACTIVE="It works.",
    SUSPENDED="Its members are refused; its records stay.",
    CLOSED="It has ended.",
)


@planned(tables.Tenant, action="tenant.view", scope=RecordColumns(), key_column="tenant_id")
@strawberry.type(description="A company using the product, with its settings.")
class Tenant(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    code: str = column("code", "Unique on the platform.")
    name: str = column("name", "The company's name.")
    industry: str = column("industry", "Code of the template it was made from.")
    state: TenantState = column("state", "Whether it may work.")
    time_zone: TimeZone = column("time_zone", "The zone of its offices.")
    phone_region: str = column("phone_region", "Region (ISO 3166) of numbers without a country.")
    currency: CurrencyCode = column("currency", "The currency of its amounts.")
    locale: LocaleTag = column("locale", "The language of its members, unless they choose.")
    trusted_documents_only: bool = column(
        "trusted_documents_only", "Whether it answers registered documents only, by their hash."
    )
    alert_pace_basis_points: int = sql(
        PACE_BASIS_POINTS_SET, "Below which share of what is expected a target is behind."
    )
    alert_pace_days: int = sql(PACE_DAYS_SET, "On how many working days in a row.")
    alert_idle_days: int = sql(
        IDLE_DAYS_SET, "After how many working days without anything somebody is idle."
    )


@planned(tables.Term, action="tenant.view", scope=RecordColumns())
@strawberry.type(description="The tenant's own word for a thing or a state.")
class Term(Node):
    id: strawberry.ID = key(ID)
    code: str = column("code", "What it names, like `site` or `item.state.held`.")
    name: str = name_in("names", "In the request's language.")
    names: LocalizedText = names("names", "In all languages.")


@planned(tables.Channel, action="tenant.view", scope=RecordColumns())
@strawberry.type(description="A way to the customer.")
class Channel(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    code: str = column("code", "Unique within the tenant.")
    kind: str = column("kind", "What kind of way, a word of the industry.")
    name: str = name_in("names", "In the request's language.")
    names: LocalizedText = names("names", "In all languages.")


@planned(tables.CalendarDay, action="tenant.view", scope=RecordColumns())
@strawberry.type(description="A day that differs from the tenant's usual week.")
class CalendarDay(Node):
    id: strawberry.ID = key(ID)
    day: date = column("day", "The day.")
    worked: bool = column("worked", "Whether it is a working day.")
    reason: str | None = sql(
        "coalesce(t.reasons->>{locale}, t.reasons->>'en', t.reasons->>'zh-Hans',"
        " t.reasons->>'zh-Hant')",
        "Why, in the request's language where it was given in that, else in another.",
    )


_DAYS = Orders({"DAY": SortKey("t.day", "date")}, "DAY", descending=False)


@strawberry.type
class TenantsQuery:
    @strawberry.field(
        description="The caller's own tenant.", metadata={PLANNED: Here("Tenant", "$1::uuid")}
    )
    async def tenant(self, info: Info) -> Tenant | None:
        reader = await info.context.reader()
        found: Tenant | None = await reader.one(mapping_of(Tenant), reader.sight.tenant_id)
        return found

    terms: Connection[Term] = reference(listing(Term, BY_CODE, "The tenant's own words, by code."))
    channels: Connection[Channel] = reference(
        listing(Channel, BY_CODE, "The ways to the customer, by code.")
    )
    calendar_days: Connection[CalendarDay] = listing(
        CalendarDay, _DAYS, "Days that differ from the usual week, earliest first."
    )


@strawberry.input(description="The tenant's settings are changed; what is left out stays.")
class EditTenantInput(CommandInput):
    expected_version: int = required("The version the caller has seen.")
    name: str | None = optional("1 to 200 characters.")
    time_zone: TimeZone | None = optional("The zone of its offices.")
    phone_region: str | None = optional("Region (ISO 3166) of numbers without a country.")
    locale: LocaleTag | None = optional("The language of its members, unless they choose.")
    trusted_documents_only: bool | None = optional(
        "Whether it answers registered documents only; within 10 seconds everywhere."
    )
    alert_pace_basis_points: int | None = optional(
        "Below which share of what is expected a target is behind, 1 to 10,000; 8,000 at first."
    )
    alert_pace_days: int | None = optional(
        "On how many working days in a row, 1 to 20; 3 at first."
    )
    alert_idle_days: int | None = optional(
        "After how many working days without anything somebody is idle, 1 to 20; 2 at first."
    )


@strawberry.type(description="`tenant` is null exactly when `errors` is not empty.")
class EditTenantPayload(Payload):
    tenant: Tenant | None = strawberry.field(default=None, description="The tenant.")


@strawberry.input(description="A word of the tenant's.")
class TermInput:
    code: str = required("What it names.")
    names: LocalizedTextInput = required("The word.")


@strawberry.input(description="Some of the tenant's words are changed.")
class EditTermsInput(CommandInput):
    terms: list[TermInput] = required("The words, 1 to 200.")


@strawberry.type(description="`tenant` is null exactly when `errors` is not empty.")
class EditTermsPayload(Payload):
    tenant: Tenant | None = strawberry.field(default=None, description="The tenant.")


@strawberry.input(description="A day that differs from the usual week.")
class CalendarDayInput:
    day: date = required("The day.")
    worked: bool | None = optional("Whether it is worked; null makes it usual again.")
    reason: str | None = optional("Why, up to 200 characters, in the company's language.")
    reasons: LocalizedTextInput | None = optional("Why, in all languages.")


@strawberry.input(description="Some days of the calendar are changed.")
class EditCalendarInput(CommandInput):
    days: list[CalendarDayInput] = required("The days, 1 to 200.")


@strawberry.type(description="`tenant` is null exactly when `errors` is not empty.")
class EditCalendarPayload(Payload):
    tenant: Tenant | None = strawberry.field(default=None, description="The tenant.")


@strawberry.input(one_of=True, description="A parameter's value, of the kind the rulebook says.")
class ParameterValueInput:
    number: int | None = optional("A whole number.")
    flag: bool | None = optional("Yes or no.")
    word: str | None = optional("A word.")
    words: list[str] | None = optional("Several words, at most 200.")

    def written(self) -> ParameterWritten:
        """Return the one value given."""
        for value in (self.number, self.flag, self.word):
            if value is not strawberry.UNSET and value is not None:
                return value
        return tuple(given(self.words) or ())


@strawberry.input(description="A parameter of the rulebook that differs from the document's.")
class ParameterInput:
    name: str = required("Like `tracking.days`.")
    value: ParameterValueInput = required("Its value.")


@strawberry.input(description="A new version of the rulebook; it never changes afterwards.")
class PublishRulebookInput(CommandInput):
    text: str | None = optional(
        "The whole document, at most 262,144 characters; left out keeps the one in force."
    )
    overrides: list[ParameterInput] = strawberry.field(
        default_factory=list, description="Parameters that differ from the document's own."
    )
    effective_from: datetime | None = optional("First instant it decides; at once if left out.")


@strawberry.type(description="`rulebookVersion` is null exactly when `errors` is not empty.")
class PublishRulebookPayload(Payload):
    rulebook_version: RulebookVersion | None = strawberry.field(
        default=None, description="The version."
    )


def _terms(sent: EditTermsInput) -> commands.EditTerms:
    return commands.EditTerms(
        tuple(
            commands.Wording(one.code, Texts(one.names.en, one.names.zh_hant, one.names.zh_hans))
            for one in sent.terms
        )
    )


def _calendar(sent: EditCalendarInput) -> commands.EditCalendar:
    return commands.EditCalendar(
        tuple(
            commands.CalendarEntry(
                one.day, given(one.worked), given(one.reason), _texts(given(one.reasons))
            )
            for one in sent.days
        )
    )


def _texts(sent: LocalizedTextInput | None) -> Texts | None:
    return None if sent is None else Texts(sent.en, sent.zh_hant, sent.zh_hans)


def settings_of(parameters: Sequence[ParameterInput], field: str) -> dict[str, ParameterWritten]:
    """Return parameters by their names.

    Raises:
        InvalidInput: one is given twice, so that nobody knows what is meant.
    """
    found: dict[str, ParameterWritten] = {}
    for place, one in enumerate(parameters):
        if one.name in found:
            raise InvalidInput(field=("input", field, str(place), "name"), expected="EACH_ONCE")
        found[one.name] = one.value.written()
    return found


def _publish(sent: PublishRulebookInput) -> PublishRulebook:
    overrides = settings_of(sent.overrides, "overrides")
    return order_of(PublishRulebook, sent, {}, overrides=overrides or None)


@strawberry.type
class TenantsMutation:
    edit_tenant: EditTenantPayload = command(
        commands.edit_tenant,
        orders(commands.EditTenant),
        EditTenantInput,
        EditTenantPayload,
        the(tenant=Tenant),
        "Changes the company's name and settings; what is left out stays. Action `tenant.edit`.",
    )
    edit_terms: EditTermsPayload = command(
        commands.edit_terms,
        _terms,
        EditTermsInput,
        EditTermsPayload,
        the(tenant=Tenant),
        "Changes the company's own words for kinds, levels and metrics. Action `tenant.edit`.",
    )
    edit_calendar: EditCalendarPayload = command(
        commands.edit_calendar,
        _calendar,
        EditCalendarInput,
        EditCalendarPayload,
        the(tenant=Tenant),
        "Enters which days are worked and which are not. Action `tenant.edit`.",
    )
    publish_rulebook: PublishRulebookPayload = command(
        publish_rulebook,
        _publish,
        PublishRulebookInput,
        PublishRulebookPayload,
        the(rulebook_version=RulebookVersion),
        "Publishes the next version of the rulebook, in force from now or an instant to come;"
        " what was decided before stays as it is. A text replaces the whole document and begins"
        " without overrides; without one the overrides are added to those of the version in"
        " force. Every fault is told with its place, a failing test of the document included, and"
        " then nothing is published. Only for who is alone in charge: where somebody else could"
        " approve it, a draft is submitted to him instead. Action `rulebook.publish`.",
    )
