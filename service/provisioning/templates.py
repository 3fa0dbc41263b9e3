"""The shipped industry templates: what a tenant has on its first day and may then change.

A template is one file under `policies/templates/`, over the words and relations of
`policies/templates/common.yaml` and the duties of `policies/access/`. Loading checks all of it, so
that a tenant is never made from half a template.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from pathlib import Path
from zoneinfo import available_timezones

from service.inspections.tables import InspectionPart
from service.money import BASIS_POINTS
from service.opportunities.tables import ForecastCategory
from service.policies import policies_folder
from service.provisioning.duties import (
    COMMON,
    WEEKDAYS,
    Duty,
    Metric,
    Permission,
    Separation,
    load_duties,
    read_code,
)
from service.provisioning.roles import Policy, RoleTemplate, all_duties, policy_of, read_roles
from service.provisioning.sheets import LOCALES, Sheet, TemplateBroken, Words

CALENDARS = ("china-statutory",)
CHANNEL_KINDS = (
    "WALK_IN",
    "TELEPHONE",
    "REFERRAL",
    "PARTNER",
    "FIELD",
    "ONLINE",
    "EVENT",
    "ACCOUNT",
)
INSPECTION_PARTS = tuple(InspectionPart)
IDENTIFIERS = ("phone", "organisation", "department", "product_line")
IDENTITY_SCOPES = ("site", "brand", "tenant")
RELATION_KINDS = ("family", "company")
_TEMPLATE_KEYS = (
    "names",
    "defaults",
    "vocabulary",
    "org_levels",
    "org_units",
    "territory_dimensions",
    "territories",
    "sites",
    "channels",
    "inspection_items",
    "opportunity_stages",
    "calendar",
    "customer_key",
    "roles",
    "rulebook",
    "privacy",
)


@dataclass(frozen=True, slots=True)
class Named:
    """A code with its name: an org level, a territory dimension."""

    code: str
    names: Words


@dataclass(frozen=True, slots=True)
class StartingNode:
    """A node of the org or territory tree; `kind` is a level or a dimension, parents come first."""

    code: str
    kind: str
    names: Words
    parent: str | None


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The weekdays (monday is 0) on which a site is open, and from when until when, local time."""

    weekdays: tuple[int, ...]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class StartingSite:
    """A place of reception with its unit, territory, zone and hours."""

    code: str
    names: Words
    org_unit: str
    territory: str
    time_zone: str
    opening: tuple[OpeningHours, ...]


@dataclass(frozen=True, slots=True)
class StartingItem:
    """Something that is looked at on the floor, and the part of the checklist it belongs to."""

    code: str
    part: str
    names: Words


@dataclass(frozen=True, slots=True)
class StartingStage:
    """A step of opportunities; `probability` in basis points, `category` of ForecastCategory."""

    code: str
    names: Words
    probability: int
    category: str


@dataclass(frozen=True, slots=True)
class StartingChannel:
    """A way to the customer; `kind` is of CHANNEL_KINDS."""

    code: str
    kind: str
    names: Words


@dataclass(frozen=True, slots=True)
class CalendarException:
    """A day the tenant treats otherwise than its base calendar."""

    day: date
    worked: bool
    reasons: Words


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The base calendar, the weekdays off (monday is 0) and the days that differ (TM-3)."""

    base: str
    weekend: tuple[int, ...]
    exceptions: tuple[CalendarException, ...]


@dataclass(frozen=True, slots=True)
class CustomerKey:
    """What makes two records one customer, and within which bounds; `note` says it to the admin."""

    identified_by: tuple[str, ...]
    within: str
    note: Words


@dataclass(frozen=True, slots=True)
class Relation:
    """How one party is related to another, read from the first to the second."""

    code: str
    kind: str
    names: Words


@dataclass(frozen=True, slots=True)
class StartingRulebook:
    """The pack a new tenant publishes first, with the parameters that differ from its defaults."""

    pack: str
    parameters: Mapping[str, bool | int | str]


@dataclass(frozen=True, slots=True)
class Privacy:
    """How much of a number a mask shows, and how long personal records are kept, in months."""

    phone_keep_first: int
    phone_keep_last: int
    keep_visits_months: int
    keep_calls_months: int


@dataclass(frozen=True, slots=True)
class Template:
    """Everything a tenant receives when it is created.

    `vocabulary` maps a term's code (`visit`, `visit.state.arrived`) to the tenant's words.
    `all_duties(role)` follows inclusions; `duties` has every duty of the industry, also those that
    no role holds yet.
    """

    code: str
    names: Words
    locale: str
    currency: str
    time_zone: str
    phone_region: str
    vocabulary: Mapping[str, Words]
    org_levels: tuple[Named, ...]
    org_units: tuple[StartingNode, ...]
    territory_dimensions: tuple[Named, ...]
    territories: tuple[StartingNode, ...]
    sites: tuple[StartingSite, ...]
    channels: tuple[StartingChannel, ...]
    inspection_items: tuple[StartingItem, ...]
    opportunity_stages: tuple[StartingStage, ...]
    calendar: WorkingDays
    customer_key: CustomerKey
    relations: tuple[Relation, ...]
    duties: Mapping[str, Duty]
    metrics: Mapping[str, Metric]
    roles: Mapping[str, RoleTemplate]
    separations: tuple[Separation, ...]
    four_eyes: tuple[Permission, ...]
    rulebook: StartingRulebook
    privacy: Privacy

    def all_duties(self, role: str) -> tuple[str, ...]:
        """Return the duties of a role and of all roles it includes, each once, in order."""
        return all_duties(self.roles, role)

    def policy(self) -> Policy:
        """Return roles, duties and four-eyes rows in the form the access policy compiles."""
        return policy_of(self.roles, self.duties, self.four_eyes)


def template_codes(folder: Path | None = None) -> tuple[str, ...]:
    """Return the codes of the shipped templates in alphabetical order."""
    templates = (folder or policies_folder()) / "templates"
    return tuple(sorted(file.stem for file in templates.glob("*.yaml") if file.stem != COMMON))


def load_template(code: str, folder: Path | None = None) -> Template:
    """Read one template with its duties, checked whole.

    Raises:
        TemplateBroken: the template does not exist, or a file of it has an unknown key, a missing
            translation, an unknown duty, action or scope, a code twice, a cycle of roles, or a role
            with two duties that must be separate.
    """
    if folder is None:
        return _load_shipped(code)
    return _load(code, folder)


@cache
def _load_shipped(code: str) -> Template:
    return _load(code, policies_folder())


def _load(code: str, folder: Path) -> Template:
    if code not in template_codes(folder):
        raise TemplateBroken(f"templates/{code}.yaml", "", "there is no such template")
    shared = Sheet.read(folder / "templates", f"{COMMON}.yaml")
    shared.has_keys(("vocabulary", "relations"))
    sheet = Sheet.read(folder / "templates", f"{code}.yaml")
    sheet.has_keys(_TEMPLATE_KEYS)
    defaults = sheet.sheet("defaults")
    defaults.has_keys(("locale", "currency", "time_zone", "phone_region"))
    catalogue = load_duties(folder / "access", code)
    levels, units = _tree(sheet, "org_levels", "org_units", "level")
    dimensions, territories = _tree(sheet, "territory_dimensions", "territories", "dimension")
    return Template(
        code=code,
        names=sheet.words("names"),
        locale=defaults.word("locale", LOCALES),
        currency=defaults.text("currency"),
        time_zone=_zone(defaults),
        phone_region=defaults.text("phone_region"),
        vocabulary=_vocabulary(shared, sheet),
        org_levels=levels,
        org_units=units,
        territory_dimensions=dimensions,
        territories=territories,
        sites=_sites(sheet, units, territories),
        channels=_channels(sheet),
        inspection_items=_inspection_items(sheet),
        opportunity_stages=_opportunity_stages(sheet),
        calendar=_calendar(sheet.sheet("calendar")),
        customer_key=_customer_key(sheet.sheet("customer_key")),
        relations=_relations(shared),
        duties=catalogue.duties,
        metrics=catalogue.metrics,
        roles=read_roles(sheet, catalogue),
        separations=catalogue.separations,
        four_eyes=catalogue.four_eyes,
        rulebook=_rulebook(sheet.sheet("rulebook")),
        privacy=_privacy(sheet.sheet("privacy")),
    )


def _zone(sheet: Sheet) -> str:
    return sheet.word("time_zone", available_timezones())


def _vocabulary(shared: Sheet, sheet: Sheet) -> Mapping[str, Words]:
    """The common words, replaced by the industry's own; it may add only words of its items."""
    common, own = shared.sheet("vocabulary"), sheet.sheet("vocabulary")
    for term in own.entries:
        if not common.has(term) and not term.startswith("item."):
            raise own.broken(term, "no such word in the common vocabulary, and none of an item")
    return {term: below.words(term) for below in (common, own) for term in below.entries}


def _tree(
    sheet: Sheet, kinds: str, nodes: str, kind_key: str
) -> tuple[tuple[Named, ...], tuple[StartingNode, ...]]:
    named: dict[str, Named] = {}
    for below in sheet.listed(kinds):
        below.has_keys(("code", "names"))
        code = read_code(below, named)
        named[code] = Named(code, below.words("names"))
    found: dict[str, StartingNode] = {}
    for below in sheet.listed(nodes):
        below.has_keys(("code", kind_key, "names"), ("parent",))
        code = read_code(below, found)
        parent = below.word("parent", found) if below.has("parent") else None
        if (parent is None) is not (not found):
            raise below.broken("parent", "exactly the first node, the root, has none")
        kind = below.word(kind_key, named)
        found[code] = StartingNode(code, kind, below.words("names"), parent)
    if not found:
        raise sheet.broken(nodes, "at least the root is needed")
    return tuple(named.values()), tuple(found.values())


def _sites(
    sheet: Sheet, units: Iterable[StartingNode], territories: Iterable[StartingNode]
) -> tuple[StartingSite, ...]:
    unit_codes = {unit.code for unit in units}
    territory_codes = {territory.code for territory in territories}
    sites: dict[str, StartingSite] = {}
    for below in sheet.listed("sites"):
        below.has_keys(("code", "names", "org_unit", "territory", "time_zone", "opening"))
        code = read_code(below, sites)
        sites[code] = StartingSite(
            code=code,
            names=below.words("names"),
            org_unit=below.word("org_unit", unit_codes),
            territory=below.word("territory", territory_codes),
            time_zone=_zone(below),
            opening=tuple(_opening(hours) for hours in below.listed("opening")),
        )
    return tuple(sites.values())


def _opening(sheet: Sheet) -> OpeningHours:
    sheet.has_keys(("days", "from", "until"))
    opens, closes = _local_time(sheet, "from"), _local_time(sheet, "until")
    if closes <= opens:
        raise sheet.broken("until", "a site closes after it opens")
    return OpeningHours(_weekdays(sheet, "days"), opens, closes)


def _local_time(sheet: Sheet, name: str) -> time:
    try:
        return time.fromisoformat(sheet.text(name))
    except ValueError as error:
        raise sheet.broken(name, 'a time like "09:00" is expected, in quotes') from error


def _weekdays(sheet: Sheet, name: str) -> tuple[int, ...]:
    days = sheet.texts(name)
    for day in days:
        if day not in WEEKDAYS:
            raise sheet.broken(name, f"{day!r} is no weekday")
    return tuple(WEEKDAYS.index(day) for day in days)


def _channels(sheet: Sheet) -> tuple[StartingChannel, ...]:
    channels: dict[str, StartingChannel] = {}
    for below in sheet.listed("channels"):
        below.has_keys(("code", "kind", "names"))
        code = read_code(below, channels)
        kind = below.word("kind", CHANNEL_KINDS)
        channels[code] = StartingChannel(code, kind, below.words("names"))
    return tuple(channels.values())


def _inspection_items(sheet: Sheet) -> tuple[StartingItem, ...]:
    items: dict[str, StartingItem] = {}
    for below in sheet.listed("inspection_items"):
        below.has_keys(("code", "part", "names"))
        code = read_code(below, items)
        part = below.word("part", INSPECTION_PARTS)
        items[code] = StartingItem(code, part, below.words("names"))
    return tuple(items.values())


def _opportunity_stages(sheet: Sheet) -> tuple[StartingStage, ...]:
    stages: dict[str, StartingStage] = {}
    for below in sheet.listed("opportunity_stages"):
        below.has_keys(("code", "names", "probability", "category"))
        code = read_code(below, stages)
        chance = below.number("probability", 0, BASIS_POINTS)
        category = below.word("category", tuple(ForecastCategory))
        stages[code] = StartingStage(code, below.words("names"), chance, category)
    return tuple(stages.values())


def _calendar(sheet: Sheet) -> WorkingDays:
    sheet.has_keys(("base", "weekend", "exceptions"))
    exceptions: dict[date, CalendarException] = {}
    for below in sheet.listed("exceptions"):
        below.has_keys(("day", "worked", "reasons"))
        try:
            day = date.fromisoformat(below.text("day"))
        except ValueError as error:
            raise below.broken("day", 'a day like "2026-10-01" is expected, in quotes') from error
        if day in exceptions:
            raise below.broken("day", f"{day} is written twice")
        exceptions[day] = CalendarException(day, below.flag("worked"), below.words("reasons"))
    base = sheet.word("base", CALENDARS)
    return WorkingDays(base, _weekdays(sheet, "weekend"), tuple(exceptions.values()))


def _customer_key(sheet: Sheet) -> CustomerKey:
    sheet.has_keys(("identified_by", "within", "note"))
    identified_by = sheet.texts("identified_by")
    for part in identified_by:
        if part not in IDENTIFIERS:
            raise sheet.broken("identified_by", f"{part!r} is none of {', '.join(IDENTIFIERS)}")
    return CustomerKey(identified_by, sheet.word("within", IDENTITY_SCOPES), sheet.words("note"))


def _relations(shared: Sheet) -> tuple[Relation, ...]:
    relations: dict[str, Relation] = {}
    for below in shared.listed("relations"):
        below.has_keys(("code", "kind", "names"))
        code = read_code(below, relations)
        kind = below.word("kind", RELATION_KINDS)
        relations[code] = Relation(code, kind, below.words("names"))
    return tuple(relations.values())


def _rulebook(sheet: Sheet) -> StartingRulebook:
    sheet.has_keys(("pack", "parameters"))
    parameters = sheet.sheet("parameters")
    for name, value in parameters.entries.items():
        if not isinstance(value, bool | int | str):
            raise parameters.broken(name, "true, false, a whole number or a word is expected")
    return StartingRulebook(sheet.text("pack"), dict(parameters.entries))


def _privacy(sheet: Sheet) -> Privacy:
    sheet.has_keys(("phone_mask", "keep_visits_months", "keep_calls_months"))
    mask = sheet.sheet("phone_mask")
    mask.has_keys(("keep_first", "keep_last"))
    return Privacy(
        phone_keep_first=mask.number("keep_first", 0, 6),
        phone_keep_last=mask.number("keep_last", 0, 6),
        keep_visits_months=sheet.number("keep_visits_months", 1, 600),
        keep_calls_months=sheet.number("keep_calls_months", 1, 600),
    )
