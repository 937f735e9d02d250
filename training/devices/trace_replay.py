"""Replay of a recorded machine in place of this one, in a loop."""

from __future__ import annotations

import time
from bisect import bisect_right
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mnist_tui.training.devices.device_readings import GpuReading, MachineReading


class TraceSampler:
    """Sampler that replays readings; the first traced process stands for the first requested one.

    The second stands for the second, and so on; further traced processes remain
    those of other users.
    """

    def __init__(
        self,
        readings: Sequence[MachineReading],
        clock: Callable[[], float] = time.monotonic,
        *,
        source: str = "",
    ) -> None:
        """Prepare a replay, which begins with the first reading that is taken.

        Args:
            readings: In the order of time, at least one.
            clock: Seconds that pass.
            source: What the recording is called.
        """
        self.source = source
        self._readings = readings
        self._offsets = [reading.time - readings[0].time for reading in readings]
        # The last reading is shown for as long as the others on average.
        self._length_s = self._offsets[-1] * len(readings) / max(1, len(readings) - 1) or 1.0
        self._traced = list(
            dict.fromkeys(process.pid for reading in readings for process in reading.processes)
        )
        self._clock = clock
        self._began: float | None = None

    def read(self, pids: Sequence[int]) -> MachineReading:
        """Return the reading at this point of the replay, with the present time."""
        now = self._clock()
        self._began = now if self._began is None else self._began
        place = bisect_right(self._offsets, (now - self._began) % self._length_s) - 1
        return _assigned(self._readings[place], dict(zip(self._traced, pids, strict=False)))


def _assigned(reading: MachineReading, stands_for: Mapping[int, int]) -> MachineReading:
    """Return `reading` at the present time, with traced processes renamed and others left out."""
    return replace(
        reading,
        time=time.time(),
        gpus=tuple(_renamed(gpu, stands_for) for gpu in reading.gpus),
        processes=tuple(
            replace(process, pid=stands_for[process.pid])
            for process in reading.processes
            if process.pid in stands_for
        ),
    )


def _renamed(gpu: GpuReading, stands_for: Mapping[int, int]) -> GpuReading:
    if gpu.processes is None:
        return gpu
    return replace(
        gpu,
        processes=tuple(
            replace(process, pid=stands_for.get(process.pid, process.pid))
            for process in gpu.processes
        ),
    )
