"""A recording that a phone sends again is taken in once; what failed may come again."""

import asyncio

import pytest
import pytest_asyncio

from gateway.services.takes import LIVES_MS, MOST, NAME, TakeBook
from tests.gateway.services.world import AUTHOR, OPERATOR, World


class Desk:
    """Takes something in, and counts."""

    def __init__(self) -> None:
        self.came = 0
        self.fails = 0

    async def __call__(self) -> str:
        await asyncio.sleep(0)
        if self.fails:
            self.fails -= 1
            raise OSError("hỏng")
        self.came += 1
        return f"bản {self.came}"


@pytest_asyncio.fixture
async def book(world: World) -> TakeBook:
    return TakeBook(values=world.store.values, clock=world.clock)


async def test_the_same_take_is_taken_in_once_and_answered_alike(book: TakeBook) -> None:
    desk = Desk()
    assert [await book.once("a" * 24, by=AUTHOR, do=desk) for _ in range(3)] == ["bản 1"] * 3
    assert await book.once("b" * 24, by=AUTHOR, do=desk) == "bản 2"


async def test_two_that_come_at_once_are_one(book: TakeBook) -> None:
    desk = Desk()
    answers = await asyncio.gather(*(book.once("a" * 24, by=AUTHOR, do=desk) for _ in range(5)))
    assert answers == ["bản 1"] * 5


async def test_different_ones_at_once_are_all_remembered(book: TakeBook) -> None:
    desk = Desk()
    names = [f"{n:024x}" for n in range(10)]
    first = await asyncio.gather(*(book.once(name, by=AUTHOR, do=desk) for name in names))
    assert await asyncio.gather(*(book.once(name, by=AUTHOR, do=desk) for name in names)) == first
    assert desk.came == 10


async def test_it_is_remembered_over_a_restart(book: TakeBook, world: World) -> None:
    desk = Desk()
    await book.once("a" * 24, by=AUTHOR, do=desk)
    again = TakeBook(values=world.store.values, clock=world.clock)
    assert await again.once("a" * 24, by=AUTHOR, do=desk) == "bản 1"


async def test_what_failed_may_come_again(book: TakeBook) -> None:
    desk = Desk()
    desk.fails = 1
    with pytest.raises(OSError, match="hỏng"):
        await book.once("a" * 24, by=AUTHOR, do=desk)
    assert await book.once("a" * 24, by=AUTHOR, do=desk) == "bản 1"


async def test_a_name_is_a_persons_own_and_none_is_always_new(book: TakeBook) -> None:
    desk = Desk()
    await book.once("a" * 24, by=AUTHOR, do=desk)
    assert await book.once("a" * 24, by=OPERATOR, do=desk) == "bản 2"
    assert [await book.once("", by=AUTHOR, do=desk) for _ in range(2)] == ["bản 3", "bản 4"]


async def test_the_oldest_are_forgotten_so_that_the_list_stays_short(book: TakeBook, world: World) -> None:
    desk = Desk()
    await book.once("a" * 24, by=AUTHOR, do=desk)
    await world.clock.advance(1)
    kept = await world.store.values.get(NAME)
    filler = {f"{n:032x}": [world.clock.now_ms(), "khác"] for n in range(MOST - 1)}
    await world.store.values.set(NAME, kept | filler, note=None)
    assert await book.once("a" * 24, by=AUTHOR, do=desk) == "bản 1"
    await book.once("b" * 24, by=AUTHOR, do=desk)
    assert len(await world.store.values.get(NAME)) == MOST
    assert await book.once("a" * 24, by=AUTHOR, do=desk) == "bản 3"
    await world.clock.advance(LIVES_MS / 1_000)
    assert await book.once("a" * 24, by=AUTHOR, do=desk) == "bản 4"
