"""Feed of device readings for all screens: read on request, in a thread, one at a time."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING

from mnist_tui.tui.devices.hysteresis import calm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mnist_tui.training.devices.device_readings import MachineReading, Sampler

INTERVAL_S = 2.0
SPAN_S = 300.0
CPU = "cpu"

Sample = tuple[float, float]
"""Unix seconds, and use as a share in 0..1."""


class DeviceHistory:
    """The use of each device over the last `SPAN_S` seconds."""

    def __init__(self) -> None:
        self._samples: dict[str, deque[Sample]] = {}

    def add(self, reading: MachineReading) -> None:
        """Add a reading and drop samples that are too old."""
        uses = {f"gpu{gpu.index}": gpu.utilization for gpu in reading.gpus}
        for device, use in {CPU: reading.cpu_share, **uses}.items():
            if use is not None:
                self._samples.setdefault(device, deque()).append((reading.time, use))
        for samples in self._samples.values():
            while samples and samples[0][0] < reading.time - SPAN_S:
                samples.popleft()

    def samples(self, device: str) -> Iterable[Sample]:
        """Return the samples of `cpu` or `gpu<index>`, the oldest first."""
        return self._samples.get(device, ())


class DeviceFeed:
    """The newest reading and the last minutes; nothing is read without a request."""

    def __init__(
        self, sampler: Sampler | None = None, interval_s: float = INTERVAL_S, *, source: str = ""
    ) -> None:
        """Make the feed; it costs nothing until the first request.

        Args:
            sampler: The source of readings; None for this machine.
            interval_s: Age up to which a reading counts as new.
            source: The name of the recording, empty for this machine.
        """
        self.interval_s = interval_s
        self.source = source
        self.history = DeviceHistory()
        self.newest: MachineReading | None = None
        """The last reading, without changes too small to matter."""
        self._sampler = sampler
        self._read_at = float("-inf")
        self._pids: tuple[int, ...] = ()
        self._pending: asyncio.Task[MachineReading] | None = None

    async def read(self, pids: Sequence[int]) -> MachineReading:
        """Return the newest reading, taking a new one if the last is too old.

        Args:
            pids: The workers of all running sessions, by session ID.
        """
        if self.newest is not None and self._pending is None and not self._is_due(tuple(pids)):
            return self.newest
        if self._pending is None:
            self._pending = asyncio.create_task(self._read(tuple(pids)))
        # A caller may be cancelled while others wait for the same reading.
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
