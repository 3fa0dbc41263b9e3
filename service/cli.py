"""The operator's commands. Every fault of the operator's is one sentence and exit code 2.

What only one command needs is imported by it: a server carries no simulation and a list of
settings no server.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import asyncpg
import typer

from service.app.administering import (
    administer,
    complaints,
    console,
    one_sentence,
    one_sentence_or_again,
    tenant_of,
)
from service.app.base import OPERATOR, Base, StartRefused, opened, told_when_out_of_reach
from service.app.drafting import policies
from service.app.file_commands import export_board, export_targets, import_targets, reports
from service.app.listening import address_of, listening
from service.app.rows import show_rows
from service.app.running import run_to_end, until_stopped
from service.app.stranding import tell_stranded
from service.clock import SystemClock
from service.database.bootstrap import Superuser, prepare_database
from service.database.connections import Location
from service.database.migrations.run import migrate
from service.database.partitions import keep_parts
from service.identity.accounts import Accounts
from service.identity.passwords import check_form, hashed_now
from service.policies.access import Actor
from service.provisioning.commands import (
    AdmitPerson,
    CreateTenant,
    RestrictTenant,
    admit_person,
    create_tenant,
    restrict_tenant,
    resume_tenant,
    suspend_tenant,
)
from service.settings import Settings, SettingsWrong
from service.work import Transactions

if TYPE_CHECKING:
    from service.simulation.demo.founding import Login

StateChange = Callable[[Transactions, "asyncpg.Pool[Any]", UUID, Actor], Coroutine[Any, Any, None]]

app = typer.Typer(
    name="bailiwick",
    help="Sales management for organisations whose duties, rulebook and records must agree.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
tenants = typer.Typer(help="Make tenants, suspend and resume them.", no_args_is_help=True)
databases = typer.Typer(help="Prepare a database of your own.", no_args_is_help=True)
documents = typer.Typer(help="Look at clients' documents.", no_args_is_help=True)
operators = typer.Typer(help="Make operators of the platform.", no_args_is_help=True)
targets = typer.Typer(help="Look over target plans; read and write files.", no_args_is_help=True)
app.add_typer(tenants, name="tenant")
app.add_typer(operators, name="operator")
app.add_typer(documents, name="documents")
app.add_typer(databases, name="database")
app.add_typer(policies, name="policy")
app.add_typer(targets, name="targets")
app.add_typer(reports, name="report")
tenants.command(name="stranded")(tell_stranded)
targets.command(name="import")(import_targets)
targets.command(name="export")(export_targets)
targets.command(name="board")(export_board)


def _show(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    show_rows(console, heads, rows)


@app.command()
@one_sentence_or_again
def run(
    demo: Annotated[bool, typer.Option(help="Load the demo tenants if they are missing.")] = True,
) -> None:
    """Start everything on this machine: database, migrations, demo tenants, API and worker."""
    from service.app.serving import looked_over, serve_http  # noqa: PLC0415 - see the module
    from service.app.welcome import welcome  # noqa: PLC0415 - see the module
    from service.app.working import worker  # noqa: PLC0415 - see the module

    settings = Settings.from_environment()
    if settings.database_url is None:
        # What a fresh machine needs to be tried; whoever set them otherwise keeps them.
        wanted = {"password_sign_in": True, "graphiql": True}
        unset = {name: on for name, on in wanted.items() if name not in settings.model_fields_set}
        settings = settings.model_copy(update=unset)
    trusted = looked_over(settings)
    with contextlib.closing(listening(settings)) as listener:

        async def main() -> None:
            async with opened(settings, making=True) as base:
                address = address_of(listener)
                console.print(f"Bailiwick answers at {address}/graphql", highlight=False)

                async def settle() -> None:
                    # The worker waits: the demo's past is lived under its own clock.
                    welcome(console, address, await _load_demo(base) if demo else [])
                    await worker(base, settings).run_forever()

                await until_stopped(serve_http(settings, base, listener, trusted), settle())

        run_to_end(settings, main)


async def _load_demo(base: Base, scale: int = 1) -> "list[Login]":
    from service.app.simulations import load_demo_tenants  # noqa: PLC0415 - see the module

    return await load_demo_tenants(base, complaints, scale)


@app.command()
@one_sentence
def serve() -> None:
    """Serve the API; the database must have been migrated."""
    from service.app.starting import serve_until_stopped  # noqa: PLC0415 - see the module

    raise typer.Exit(serve_until_stopped())


@app.command()
@one_sentence_or_again
def work() -> None:
    """Fire timers and hand events to reactions, until stopped."""
    from service.app.working import work_forever  # noqa: PLC0415 - see the module

    settings = Settings.from_environment()

    async def main() -> None:
        async with opened(settings) as base:
            await until_stopped(work_forever(settings, base))

    run_to_end(settings, main)


@app.command()
@one_sentence
def demo(
    scale: Annotated[int, typer.Option(min=1, help="How many of each demo company.")] = 1,
) -> None:
    """Make the demo tenants with their history, or many of them for a benchmark."""
    settings = Settings.from_environment()

    async def main() -> None:
        async with opened(settings, making=True) as base:
            logins = await _load_demo(base, scale)
            console.print(f"{len({login.tenant for login in logins})} demo tenants are there.")

    run_to_end(settings, main)


@app.command()
@one_sentence
def rehearse(
    files: Annotated[list[Path], typer.Argument(help="Scenario files.")],
    only: Annotated[str, typer.Option(help="Ids of stories, comma separated.")] = "",
    in_json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
    shuffle: Annotated[int | None, typer.Option(help="Play in an order of this seed.")] = None,
) -> None:
    """Play stories through the real service, in a database that is thrown away."""
    from service.app.simulations import chance_of, rehearsal_loan  # noqa: PLC0415 - see the module
    from service.simulation.rehearsal import choose_stories  # noqa: PLC0415 - see the module
    from service.simulation.rehearsal import rehearse as play_stories  # noqa: PLC0415 - see the module

    settings = Settings.from_environment()
    chance = chance_of(shuffle) if shuffle is not None else None
    chosen = [name for name in only.split(",") if name]
    stories = choose_stories(files, only=chosen, chance=chance)

    async def main() -> None:
        async with rehearsal_loan(settings) as loan:
            summary = await play_stories(loan, stories, typer.echo, in_json=in_json)
        if not in_json:
            typer.echo(str(summary))
        if summary.exit_code:
            raise typer.Exit(summary.exit_code)

    run_to_end(settings, main)


@app.command()
@one_sentence
def verify(
    tenant: Annotated[str | None, typer.Argument(help="Its code; left out, everyone's.")] = None,
    head: Annotated[str, typer.Option(help="The head noted earlier: it must still be there.")] = "",
) -> None:
    """Compute the ledgers' seals and the registers' chains again; name every record touched."""
    from service.app.proving import verify_tenants  # noqa: PLC0415 - see the module

    settings = Settings.from_environment()

    async def main() -> None:
        async with opened(settings) as base:
            if await verify_tenants(base, tenant, head, typer.echo):
                raise typer.Exit(1)

    run_to_end(settings, main)


@app.command()
@one_sentence
def replay(
    tenant: Annotated[str, typer.Argument(help="Its code.")],
    first: Annotated[str | None, typer.Option("--from", help="First day, in UTC.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day, in UTC.")] = None,
    in_json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
) -> None:
    """Decide a tenant's past again under the versions of the time; tell of every difference."""
    from service.app.proving import period_of, replay_tenant  # noqa: PLC0415 - see the module

    settings, period = Settings.from_environment(), period_of(first, last)

    async def main() -> None:
        async with opened(settings) as base:
            if await replay_tenant(base, tenant, period, typer.echo, in_json=in_json):
                raise typer.Exit(1)

    run_to_end(settings, main)


@app.command()
@one_sentence
def simulate(  # noqa: PLR0917 - options read like a table
    tenant: Annotated[str, typer.Argument(help="Its code.")],
    first: Annotated[str, typer.Option("--from", help="First day, on each site's calendar.")],
    last: Annotated[str, typer.Option("--to", help="Last day, included.")],
    draft: Annotated[str | None, typer.Option(help="Id of a draft.")] = None,
    version: Annotated[int | None, typer.Option(help="Number of a version.")] = None,
    stateless: Annotated[bool, typer.Option(help="By stored facts alone: quick, a bound.")] = False,
    xlsx: Annotated[Path | None, typer.Option(help="Write totals, sums and cases there.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Draw turns and credit there.")] = None,
) -> None:
    """Try a text on a tenant's past: whom would it have hit? It changes nothing; kept with it."""
    from service.app.trying import trial_of, try_text  # noqa: PLC0415 - see the module

    trial = trial_of(
        first, last, draft=draft, number=version, stateless=stateless, xlsx=xlsx, svg=svg
    )
    administer(lambda base: try_text(base, tenant, trial, complaints))


@app.command(name="migrate")
@one_sentence
def migrate_database() -> None:
    """Bring the database to the revision of this code."""
    settings = Settings.from_environment()

    async def main() -> None:
        if settings.database_url is None:
            async with opened(settings, making=True) as base:
                await keep_parts(base.location, base.clock.now())
            return
        location = Location.from_url(settings.database_url.get_secret_value())
        with told_when_out_of_reach():
            await migrate(location)
            await keep_parts(location, SystemClock().now())

    run_to_end(settings, main)
    console.print("The database is up to date.")


@app.command(name="settings")
@one_sentence
def list_settings() -> None:
    """List every setting, its value and what it is for."""
    _show(("variable", "value", "what it is for"), Settings.from_environment().described())


@documents.command()
@one_sentence
def check(folder: Annotated[Path, typer.Argument(help="Manifests: CLIENT/RELEASE.json.")]) -> None:
    """Tell what each document of clients' manifests costs, and which cannot be answered."""
    from service.app.manifests import check_documents  # noqa: PLC0415 - see the module

    check_documents(folder, _show)


@targets.command(name="check")
@one_sentence
def check_targets(tenant: Annotated[str, typer.Argument(help="Its code.")]) -> None:
    """Name what does not sum: a target's parts on a day, a day's credits; exit code 1 if any."""
    from service.app.target_checks import check_sums  # noqa: PLC0415 - see the module

    settings = Settings.from_environment()

    async def main() -> None:
        async with opened(settings) as base:
            if await check_sums(base, tenant, await tenant_of(base, tenant), typer.echo):
                raise typer.Exit(1)

    run_to_end(settings, main)


@databases.command()
@one_sentence
def prepare(
    admin_url: Annotated[str, typer.Option(help="URL of a superuser on the same server.")],
) -> None:
    """Create our roles and the database of BAILIWICK_DATABASE_URL on your server."""
    settings = Settings.from_environment()
    if settings.database_url is None:
        raise SettingsWrong("BAILIWICK_DATABASE_URL must be set: it names the database to prepare.")
    wanted = Location.from_url(settings.database_url.get_secret_value())

    async def main() -> None:
        admin = Superuser.from_url(admin_url)
        with told_when_out_of_reach():
            await prepare_database(wanted, admin, wanted.password)

    run_to_end(settings, main)
    console.print("The database is prepared and up to date.")


@tenants.command()
@one_sentence
def create(
    code: Annotated[str, typer.Argument(help="Small letters, digits and dashes; for sign-in.")],
    *,
    name: Annotated[str, typer.Option(help="The company's name.")],
    industry: Annotated[str, typer.Option(help="Code of an industry template.")],
    admin_name: Annotated[str, typer.Option(help="The first administrator's name.")],
    admin_login: Annotated[str, typer.Option(help="The name he signs in with.")],
    password: Annotated[str | None, typer.Option(help="His; asked for when left out.")] = None,
    known: Annotated[bool, typer.Option("--known", help="He has a sign-in and keeps it.")] = False,
) -> None:
    """Make a tenant from an industry template; the same order twice makes one."""
    if password is None and not known:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)

    async def make(base: Base) -> str:
        if password is not None:
            check_form(password, ("password",))
        order = CreateTenant(
            code=code,
            name=name,
            industry=industry,
            admin_name=admin_name,
            admin_login=admin_login,
            admin_password_hash=password and await asyncio.to_thread(hashed_now, password),
            admin_known=known,
        )
        made = await create_tenant(base.transactions, base.identity_pool, order, OPERATOR)
        return f"{code} is open{' already' if made.already else ''}: tenant {made.tenant_id}"

    administer(make)


@tenants.command(name="list")
@one_sentence
def list_tenants() -> None:
    """List the tenants and their states."""

    async def look(base: Base) -> str:
        rows = await base.identity_pool.fetch(
            "SELECT code, name, industry, tenant_state, state, tenant_id"
            " FROM app.global_tenant_directory ORDER BY code"
        )
        lines = []
        for row in rows:
            made = row["state"] != "PREPARING"
            state = row["tenant_state"] if made else "being made"
            lines.append((row["code"], row["name"], row["industry"], state, str(row["tenant_id"])))
        _show(("code", "name", "industry", "state", "id"), lines)
        return f"{len(rows)} tenants"

    administer(look)


@tenants.command()
@one_sentence
def suspend(code: str) -> None:
    """Refuse a tenant's members from their next request on; its records stay."""
    administer(lambda base: _set_state(base, code, suspend_tenant))


@tenants.command()
@one_sentence
def resume(code: str) -> None:
    """Let a suspended tenant work again."""
    administer(lambda base: _set_state(base, code, resume_tenant))


@tenants.command()
@one_sentence
def restrict(code: str, off: Annotated[bool, typer.Option("--off")] = False) -> None:
    """Let a tenant's members ask trusted documents only, or with --off whatever they write."""

    async def change(base: Base) -> str:
        order = RestrictTenant(await tenant_of(base, code), trusted_documents_only=not off)
        await restrict_tenant(base.transactions, order, OPERATOR)
        return f"{code}: done"

    administer(change)


@tenants.command()
@one_sentence
def admit(
    code: Annotated[str, typer.Argument(help="The company's code.")],
    *,
    login: Annotated[str, typer.Option(help="The name the person signs in with already.")],
    staff_code: Annotated[str, typer.Option(help="His staff code in that company.")],
) -> None:
    """Let a person who is known already sign in to a further company, as one of its members."""

    async def let_in(base: Base) -> str:
        order = AdmitPerson(await tenant_of(base, code), staff_code, login)
        member_id = await admit_person(base.transactions, base.identity_pool, order, OPERATOR)
        return f"{login} signs in to {code} as member {member_id}"

    administer(let_in)


@tenants.command()
@one_sentence
def administrator(
    code: Annotated[str, typer.Argument(help="The company's code.")],
    *,
    name: Annotated[str, typer.Option(help="His name.")],
    login: Annotated[str, typer.Option(help="The name he signs in with.")],
    staff_code: Annotated[str, typer.Option(help="His staff code, which nobody there has.")],
    known: Annotated[bool, typer.Option("--known", help="He has a sign-in and keeps it.")] = False,
) -> None:
    """Give a company that shut itself out a new member who administers it."""
    from service.app.administrators import restore  # noqa: PLC0415 - seldom asked for

    password = (
        None if known else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    administer(lambda base: restore(base, code, (name, staff_code, login), password))


@tenants.command()
@one_sentence
def upgrade(
    code: Annotated[str | None, typer.Argument(help="The company's code.")] = None,
    *,
    everyone: Annotated[bool, typer.Option("--all", help="Every company instead.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Tell what is missing and add nothing.")] = False,
) -> None:
    """Add what a later release's template has and the company never had; nothing else changes."""
    from service.app.upgrading import upgrade_tenants  # noqa: PLC0415 - see the module

    if (code is None) is not everyone:
        raise StartRefused("Name one company by its code, or say --all.")
    administer(lambda base: upgrade_tenants(base, code, typer.echo, dry_run=dry_run))


@operators.command(name="create")
@one_sentence
def create_operator(
    *,
    login: Annotated[str, typer.Option(help="The name he signs in with.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """Make a person an operator of the platform: he manages tenants and reads none of them."""

    async def make(base: Base) -> str:
        check_form(password, ("password",))
        hashed = await asyncio.to_thread(hashed_now, password)
        accounts = Accounts(base.identity_pool, base.clock)
        user_id = await accounts.add_user(login, hashed, operator=True)
        return f"{login}: operator {user_id}"

    administer(make)


async def _set_state(base: Base, code: str, command: StateChange) -> str:
    tenant_id = await tenant_of(base, code)
    await command(base.transactions, base.identity_pool, tenant_id, OPERATOR)
    return f"{code}: done"


def main() -> None:
    """Start the command line."""
    app()


if __name__ == "__main__":
    main()
