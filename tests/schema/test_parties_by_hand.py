"""Customers entered by hand, over HTTP."""

from builders.api import Desk


async def test_a_customer_may_be_known_by_a_telephone_alone(desk: Desk) -> None:
    made = await desk.does("Mei", "createParty", "party { fullName }", phones=["13800138000"])

    assert made["party"] == {"fullName": None}
