"""One reading at a time, not more often than needed, and never on the loop."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from mnist_tui.training.devices.trace_replay import TraceSampler
from mnist_tui.tui.devices.device_feed import DeviceFeed
from tests.data.make_four_gpus import reading_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.training.devices.device_readings import MachineReading


class Counting(TraceSampler):
    """A recording that knows who read it, and can be held up."""

    def __init__(self) -> None:
        super().__init__([reading_at(place) for place in range(3)])
        self.asked: list[tuple[int, ...]] = []
        self.threads: set[int] = set()
        self.may_read = threading.Event()
        self.may_read.set()

    def read(self, pids: Sequence[int]) -> MachineReading:
        self.asked.append(tuple(pids))
        self.threads.add(threading.get_ident())
        self.may_read.wait()
        return super().read(pids)


async def test_nothing_is_read_without_a_request() -> None:
    sampler = Counting()
    feed = DeviceFeed(sampler)
    assert not sampler.asked
    reading = await feed.read([1])
    assert feed.newest is reading
    assert sampler.asked == [(1,)]
    assert threading.get_ident() not in sampler.threads


async def test_a_fresh_reading_serves_everybody() -> None:
    sampler = Counting()
    feed = DeviceFeed(sampler, interval_s=60.0)
    first = await feed.read([1, 2])
    assert await feed.read([1, 2]) is first
    assert len(sampler.asked) == 1


async def test_new_sessions_are_looked_at_at_once() -> None:
    sampler = Counting()
    feed = DeviceFeed(sampler, interval_s=60.0)
    await feed.read([1])
    reading = await feed.read([1, 2])
    assert [process.pid for process in reading.processes] == [1, 2]


async def test_an_old_reading_is_replaced() -> None:
    sampler = Counting()
    feed = DeviceFeed(sampler, interval_s=0.0)
    await feed.read([1])
    await feed.read([1])
    assert len(sampler.asked) == 2


async def test_those_who_ask_at_the_same_time_share_a_reading_even_if_one_goes_away() -> None:
    sampler = Counting()
    sampler.may_read.clear()
    feed = DeviceFeed(sampler, interval_s=0.0)
    asking = [asyncio.create_task(feed.read([1])) for _ in range(3)]
    while not sampler.asked:
        await asyncio.sleep(0)
    asking[0].cancel()
    sampler.may_read.set()
    first, second = await asyncio.gather(*asking[1:])
    assert first is second
    assert len(sampler.asked) == 1


async def test_readings_are_kept_as_history() -> None:
    feed = DeviceFeed(Counting(), interval_s=0.0)
    for _ in range(3):
        await feed.read([])
    assert [use for _, use in feed.history.samples("gpu1")] == [0.97] * 3


async def test_this_machine_is_read_where_no_recording_is_given() -> None:
    reading = await DeviceFeed().read([])
    assert reading.memory_total_bytes
