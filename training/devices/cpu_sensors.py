"""Temperature and power of the CPU, if the system lets its users read them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable

SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal", "soc_thermal")
"""Drivers that measure a CPU: Intel, AMD, AMD, and three of ARM boards."""
POWERCAP = Path("/sys/class/powercap")
"""Linux's energy counters of CPU packages; most systems let only root read them."""


def cpu_temperature_c() -> float | None:
    """Return the temperature of the hottest CPU sensor in °C; None without sensors."""
    ask = getattr(psutil, "sensors_temperatures", None)
    if ask is None:
        return None
    try:
        sensors = ask()
    except (OSError, ValueError):
        return None
    values = [entry.current for name in SENSORS for entry in sensors.get(name, ())]
    return max((float(value) for value in values if value and value > 0), default=None)


class PowerMeter:
    """Mean power between two readings of the energy counters."""

    def __init__(
        self, folder: Path = POWERCAP, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._zones = [Zone(path) for path in sorted(folder.glob("intel-rapl:[0-9]"))]
        self._read_at: float | None = None

    def read_w(self) -> float | None:
        """Return the mean power in watts since the last reading; None without counters."""
        now, before = self._clock(), self._read_at
        used_uj = [zone.used_uj() for zone in self._zones]
        self._read_at = now
        if before is None or now <= before or not used_uj or None in used_uj:
            return None
        return sum(used or 0 for used in used_uj) / (now - before) / 1e6


class Zone:
    """The energy counter of one CPU package, in microjoules; it wraps around when it is full."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before: int | None = None

    def used_uj(self) -> int | None:
        """Return the energy used since the last call; None at first and without permission."""
        before, now = self._before, self._number("energy_uj")
        self._before = now
        if before is None or now is None:
            return None
        return now - before if now >= before else now - before + (self._number(_RANGE) or 0)

    def _number(self, name: str) -> int | None:
        try:
            return int((self._folder / name).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None


_RANGE = "max_energy_range_uj"
