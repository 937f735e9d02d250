"""Readings of the devices for everything on the screen: one at a time, in a thread, when asked."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from mnist_tui.tui.devices.device_history import DeviceHistory
from mnist_tui.tui.devices.hysteresis import calm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.training.devices.device_readings import MachineReading, Sampler

INTERVAL_S = 2.0


class DeviceFeed:
    """The newest reading and the last minutes; nothing is read unless somebody asks."""

    def __init__(
        self, sampler: Sampler | None = None, interval_s: float = INTERVAL_S, *, source: str = ""
    ) -> None:
        """Make the feed; it costs nothing until it is asked.

        Args:
            sampler: Where readings come from; this machine where it is None.
            interval_s: A reading that is not older is taken for new.
            source: The name of the recording, where it is not this machine.
        """
        self.interval_s = interval_s
        self.source = source
        self.history = DeviceHistory()
        self.newest: MachineReading | None = None
        """The last reading, with changes too small to matter left out."""
        self._sampler = sampler
        self._read_at = float("-inf")
        self._pids: tuple[int, ...] = ()
        self._pending: asyncio.Task[MachineReading] | None = None

    async def read(self, pids: Sequence[int]) -> MachineReading:
        """Return the devices as they are, taking a new reading where the last is too old.

        Args:
            pids: The workers of all running sessions, by session ID.
        """
        if self.newest is not None and self._pending is None and not self._is_due(tuple(pids)):
            return self.newest
        if self._pending is None:
            self._pending = asyncio.create_task(self._read(tuple(pids)))
        # Whoever asked may go away while others wait for the same reading.
        return await asyncio.shield(self._pending)

    def _is_due(self, pids: tuple[int, ...]) -> bool:
        # Timers of the same interval come a little early and a little late.
        return pids != self._pids or time.monotonic() - self._read_at >= 0.9 * self.interval_s

    async def _read(self, pids: tuple[int, ...]) -> MachineReading:
        try:
            self._read_at, self._pids = time.monotonic(), pids
            reading = await asyncio.to_thread(self._sample, pids)
            self.history.add(reading)
            self.newest = calm(self.newest, reading)
            return self.newest
        finally:
            self._pending = None

    def _sample(self, pids: tuple[int, ...]) -> MachineReading:
        if self._sampler is None:
            from mnist_tui.training.devices.live_sampler import LiveSampler  # noqa: PLC0415 — psutil, 15 ms

            self._sampler = LiveSampler()
        return self._sampler.read(pids)
