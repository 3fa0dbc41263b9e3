import pytest
from builders.reception import Showroom, a_showroom

from service.work import Transactions


@pytest.fixture
async def showroom(transactions: Transactions) -> Showroom:
    return await a_showroom(transactions)


async def test_the_order_of_sign_in_is_the_order_of_reception_and_wraps_around(
    showroom: Showroom,
) -> None:
    await showroom.sign_in("An", "Bo")

    assert [await showroom.receiver(tel) for tel in (1, 2)] == ["An", "Bo"]
    assert await showroom.queue() == ["An", "Bo"]
