"""What followers are told, over both protocols, and what not."""

from builders.api import Desk
from builders.reception import Showroom
from builders.streams import DECISIONS, QUEUE, TASKS, VISITS, Served, cursor
from builders.tenants import a_tenant

from service.work import Transactions


async def test_the_desk_sees_who_joins_the_order(running: Served, desk: Desk) -> None:
    after = await cursor(desk)
    async with running.socket(desk.token("Clerk")) as client:
        await client.follow(QUEUE, site=desk.site, after=after)
        await desk.showroom.sign_in("An")

        event = (await client.event())["receptionQueueChanged"]

    assert event["changes"] == ["REP_SIGNED_IN"]
    assert event["queue"]["places"] == [{"standing": "FREE", "member": {"name": "An"}}]
    assert event["at"] == "2026-03-02T02:00:00.000Z"


async def test_the_same_over_server_sent_events(running: Served, desk: Desk) -> None:
    after = await cursor(desk)
    async with running.stream(desk.token("Clerk"), QUEUE, site=desk.site, after=after) as reader:
        assert reader.response.headers["content-type"] == "text/event-stream; charset=utf-8"
        await desk.showroom.sign_in("An")

        event = (await reader.event())["receptionQueueChanged"]

    assert event["changes"] == ["REP_SIGNED_IN"]


async def test_what_one_command_does_to_a_record_is_one_event(running: Served, desk: Desk) -> None:
    await desk.showroom.sign_in("An", "Bo")
    after = await cursor(desk)
    async with running.socket(desk.token("Clerk")) as client:
        queue = await client.follow(QUEUE, site=desk.site, after=after)
        visits = await client.follow(VISITS, site=desk.site, after=after)
        await desk.arrives(customer={"phone": "13800000001"}, saidBefore=False)
        heard = {}
        for _ in range(2):
            message = await client.hear()
            heard[message["id"]] = message["payload"]["data"]

    order = heard[queue]["receptionQueueChanged"]
    assert order["changes"] == ["TURN_CONSUMED", "RECEPTION_ASSIGNED"]
    assert [place["standing"] for place in order["queue"]["places"]] == ["FREE", "BUSY"]
    visit = heard[visits]["visitChanged"]
    assert visit["changes"] == ["VISIT_ARRIVED", "RECEPTION_ASSIGNED"]
    assert visit["visit"]["receiver"] == {"name": "An"}


async def test_each_follower_sees_what_he_may_see(running: Served, desk: Desk) -> None:
    await desk.showroom.sign_in("An", "Bo")
    after = {name: await cursor(desk, name) for name in ("An", "Bo", "Mei")}
    async with (
        running.socket(desk.token("An")) as receiver,
        running.socket(desk.token("Bo")) as colleague,
        running.socket(desk.token("Mei")) as manager,
    ):
        for client, name in ((receiver, "An"), (colleague, "Bo"), (manager, "Mei")):
            await client.follow(VISITS, after=after[name])
        await desk.arrives(customer={"phone": "13800000002"}, saidBefore=False)
        await desk.arrives(customer={"phone": "13800000003"}, saidBefore=False)

        ans = (await receiver.event())["visitChanged"]["visit"]
        bos = (await colleague.event())["visitChanged"]["visit"]
        meis = [(await manager.event())["visitChanged"]["visit"] for _ in range(2)]

    assert ans["receiver"] == {"name": "An"}
    # The first visit is another rep's: it does not come, and the second is the first he hears of.
    assert bos["receiver"] == {"name": "Bo"}
    assert [one["receiver"]["name"] for one in meis] == ["An", "Bo"]


async def test_tasks_and_decisions_are_told_of(running: Served, desk: Desk) -> None:
    await desk.showroom.sign_in("An")
    after = await cursor(desk, "Mei")
    async with running.socket(desk.token("Mei")) as client:
        tasks = await client.follow(TASKS, member=desk.member("An"), after=after)
        decisions = await client.follow(DECISIONS, kind="RECEPTION", after=after)
        given = await desk.does(
            "Mei", "assignTask", "task { id }", memberId=desk.member("An"), title="回访王先生"
        )
        await desk.arrives(customer={"phone": "13800000004"}, saidBefore=False)
        await desk.does("An", "completeTask", "task { id }", taskId=given["task"]["id"])
        heard: dict[str, list] = {tasks: [], decisions: []}
        for _ in range(3):
            message = await client.hear()
            heard[message["id"]].append(next(iter(message["payload"]["data"].values())))

    assert [one["changes"] for one in heard[tasks]] == [["TASK_ASSIGNED"], ["TASK_COMPLETED"]]
    assert [one["task"]["title"] for one in heard[tasks]] == ["回访王先生", "回访王先生"]
    assert [one["decision"]["receiver"]["name"] for one in heard[decisions]] == ["An"]


async def test_another_companys_records_answer_like_missing_ones(
    running: Served, desk: Desk, transactions: Transactions
) -> None:
    other = await a_tenant(transactions)
    foreign, missing = f"site_{other.site_id}", f"site_{desk.showroom.people['An']}"

    async with running.socket(desk.token("Clerk")) as client:
        answers = []
        for site in (foreign, missing, "nonsense"):
            await client.follow(QUEUE, site=site)
            message = await client.hear()
            assert message["type"] == "error"
            (error,) = message["payload"]
            error["extensions"].pop("requestId")
            answers.append(error)

    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["extensions"]["code"] == "NOT_FOUND"


async def test_nothing_of_another_company_comes(
    running: Served, desk: Desk, transactions: Transactions
) -> None:
    other = await a_tenant(transactions)
    people = {
        "An": await other.member("An", "sales-representative"),
        "Clerk": await other.member("Clerk", "clerk"),
    }
    elsewhere = Showroom(other, other.site_id, people)
    after = await cursor(desk)
    async with running.socket(desk.token("Clerk")) as client:
        await client.follow(VISITS, after=after)
        await elsewhere.sign_in("An")
        await elsewhere.arrives(5)
        await desk.showroom.sign_in("Bo")
        await desk.arrives(customer={"phone": "13800000005"}, saidBefore=False)

        first = (await client.event())["visitChanged"]["visit"]

    assert first["receiver"] == {"name": "Bo"}
