"""A key that comes again while its first command still runs waits for it, and says so."""

from builders.api import Desk, a_key

from service.database.connections import Location, connected

_FIRST = (
    "INSERT INTO app.command (tenant_id, id, principal, idempotency_key, name, digest, received_at)"
    " VALUES ($1, uuidv7(), $2, $3, 'sign_in', 'x', now())"
)


async def test_whose_first_run_is_not_over_is_told_to_come_again(
    desk: Desk, location: Location
) -> None:
    key, clerk = a_key(), desk.showroom.people["Clerk"]
    async with connected(location, "postgres") as other:
        first = other.transaction()
        await first.start()
        await other.execute(_FIRST, desk.showroom.tenant.id, clerk, key)
        ((told, field),) = [
            (one["code"], one["field"]) for one in (await arrives(desk, key))["errors"]
        ]
        assert (told, field) == ("IDEMPOTENCY_IN_PROGRESS", [])
        await first.rollback()

    made = await arrives(desk, key)
    assert (made["errors"], made["replayed"]) == ([], False)


async def arrives(desk: Desk, key: str) -> dict[str, object]:
    document = """mutation($input: RecordArrivalInput!) { recordArrival(input: $input) {
      visit { id } replayed errors { code field } } }"""
    sent = {"idempotencyKey": key, "siteId": desk.site, "customer": {"phone": "+8613800001111"}}
    answered: dict[str, object] = (await desk.ask("Clerk", document, input=sent))["recordArrival"]
    return answered
