"""A member's own list: what is open, what he was told, in his language, and that he read it."""

from typing import Any

from builders.api import Desk

from service.clock import new_id
from service.tasks.commands import Notice, notify
from service.work import UnitOfWork

OWN = """
query Own($all: TaskFilter) { viewer {
  tasks { nodes { title state message subjectType subjectId } }
  all: tasks(filter: $all) { nodes { title } }
  notifications { nodes { id message subjectType subjectId readAt } } } }
"""


async def own(desk: Desk, name: str) -> Any:
    return (await desk.ask(name, OWN, all={}))["viewer"]


async def test_the_list_shows_what_is_open_the_next_due_first(desk: Desk) -> None:
    for title, due in (("Later", "2026-03-09T00:00:00Z"), ("Sooner", "2026-03-04T00:00:00Z")):
        who = desk.member("An")
        await desk.does("Mei", "assignTask", "task { id }", memberId=who, title=title, dueAt=due)
    made = await desk.does("Mei", "assignTask", "task { id }", memberId=who, title="Done")
    await desk.does("An", "completeTask", "task { id }", taskId=made["task"]["id"])

    found = await own(desk, "An")

    assert [(one["title"], one["message"]) for one in found["tasks"]["nodes"]] == [
        ("Sooner", "Sooner"),
        ("Later", "Later"),
    ]
    assert {one["title"] for one in found["all"]["nodes"]} == {"Sooner", "Later", "Done"}


async def test_a_notification_says_what_happened_with_names_and_is_marked_read(
    desk: Desk,
) -> None:
    await desk.showroom.sign_in("An")
    arrived = await desk.arrives(customer={"phone": "13800000001"})
    visit = arrived["visit"]["id"]
    await desk.does("An", "registerCustomer", "registration { id }", visitId=visit, fullName="王芳")
    (party,) = await desk.showroom.tenant.rows("SELECT id FROM app.party WHERE tenant_id = $1")
    registration = new_id()
    told = {"party_id": str(party["id"]), "protected_until": "2026-03-09T16:00:00+00:00"}
    notice = Notice("tracking_ending", "TrackingEnding:1", "registration", registration, told)

    async def tell(work: UnitOfWork) -> None:
        notify(work, [desk.showroom.people["An"]], notice)

    await desk.showroom.tenant.transactions.internally(desk.showroom.tenant_id, "tell", tell)
    (shown,) = (await own(desk, "An"))["notifications"]["nodes"]
    assert "王芳" in shown["message"]
    assert "2026-03-10 00:00" in shown["message"]
    assert (shown["subjectType"], shown["subjectId"]) == (
        "registration",
        f"registration_{registration}",
    )

    ids = [shown["id"]]
    refused = await desk.api.tries(
        desk.token("Bo"), "markNotificationsRead", "notifications { id }", notificationIds=ids
    )
    assert [one["code"] for one in refused["errors"]] == ["NOT_FOUND"]
    marked = await desk.does(
        "An", "markNotificationsRead", "notifications { id readAt }", notificationIds=ids
    )

    assert [one["id"] for one in marked["notifications"]] == ids
    assert marked["notifications"][0]["readAt"] is not None
    assert (await own(desk, "An"))["notifications"]["nodes"][0]["readAt"] is not None
