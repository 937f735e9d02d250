"""How busy each device was in the last minutes, kept in memory, and drawn in one line."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mnist_tui.training.devices.device_readings import MachineReading

SPAN_S = 300.0
CPU = "cpu"
LEVELS = "▁▂▃▄▅▆▇█"

Sample = tuple[float, float]
"""Unix seconds, and use as a share in 0..1."""


class DeviceHistory:
    """The use of each device over the last `SPAN_S` seconds."""

    def __init__(self) -> None:
        self._samples: dict[str, deque[Sample]] = {}

    def add(self, reading: MachineReading) -> None:
        """Take a reading; what is too old is forgotten."""
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


def sparkline(samples: Iterable[Sample], now: float, width: int, span_s: float = SPAN_S) -> str:
    """Return the mean use in each of `width` equal spans up to `now`; a blank where none is known.

    The spans begin at round times, so that the line stands still between two of them.
    """
    step_s = span_s / width
    last = int(now // step_s)
    columns: list[list[float]] = [[] for _ in range(width)]
    for time, use in samples:
        place = width - 1 - (last - int(time // step_s))
        if 0 <= place < width:
            columns[place].append(use)
    return "".join(_level(sum(uses) / len(uses)) if uses else " " for uses in columns)


def _level(use: float) -> str:
    return LEVELS[max(0, min(len(LEVELS) - 1, int(use * len(LEVELS))))]
