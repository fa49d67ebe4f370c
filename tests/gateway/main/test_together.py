"""Work asked for by many at once is done for all of them, and never by an answer older than the question."""

import asyncio

import pytest

from gateway.main.together import Together


class Work:
    def __init__(self) -> None:
        self.began = 0
        self.gate = asyncio.Event()
        self.fails = False

    async def __call__(self) -> None:
        self.began += 1
        await self.gate.wait()
        if self.fails:
            raise ValueError("không được")


async def test_a_hundred_callers_cost_two_runs() -> None:
    work = Work()
    together = Together(work)
    first = asyncio.create_task(together())
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(together()) for _ in range(100)]
    await asyncio.sleep(0.01)
    assert work.began == 1, "the others wait: that run began before they asked"
    work.gate.set()
    await asyncio.gather(first, *others)
    assert work.began == 2


async def test_a_failure_is_told_to_everyone_who_shared_the_run_and_to_nobody_later() -> None:
    work = Work()
    work.fails = True
    work.gate.set()
    together = Together(work)
    answers = await asyncio.gather(*(together() for _ in range(3)), return_exceptions=True)
    assert all(isinstance(answer, ValueError) for answer in answers)
    work.fails = False
    await together()


async def test_a_caller_that_goes_away_does_not_stop_the_work_of_the_others() -> None:
    work = Work()
    together = Together(work)
    impatient = asyncio.create_task(together())
    await asyncio.sleep(0.01)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    patient = asyncio.create_task(together())
    work.gate.set()
    await patient
    assert work.began == 2
