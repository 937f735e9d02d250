"""Traces of a machine: files of readings, one JSON line each, to be replayed in time.

`python -m mnist_tui.training.devices.device_trace FILE --seconds 60` records this machine.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mnist_tui.storage.atomic import reason
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.lines import UNREADABLE, LineAppender, require_known_format
from mnist_tui.training.devices.device_readings import MachineReading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.training.devices.device_readings import Sampler

TRACE_FORMAT = 1
MAX_TRACE_BYTES = 64 * 1024 * 1024
"""One day with eight GPUs and a reading every two seconds."""

_decoder = msgspec.json.Decoder(MachineReading)


def read_trace(path: Path) -> list[MachineReading]:
    """Return the readings of a trace, in the order of time; at least one.

    Raises:
        StorageError: It cannot be read, is no trace, or a newer version wrote it.
    """
    first, *lines = _content(path).splitlines() or [b""]
    if not require_known_format(path, first, TRACE_FORMAT):
        raise StorageError(
            f'{path} is no device trace: it does not begin with {{"format":{TRACE_FORMAT}}};'
            " record one with `python -m mnist_tui.training.devices.device_trace FILE`."
        )
    readings = [_reading(path, number, line) for number, line in enumerate(lines, start=2)]
    if not readings:
        raise StorageError(f"The device trace {path} holds no reading; record it again.")
    return sorted(readings, key=lambda reading: reading.time)


class TraceRecorder:
    """Writes readings to a new file."""

    def __init__(self, path: Path) -> None:
        """Create the file.

        Raises:
            StorageError: It is there already, or cannot be made.
        """
        if path.exists():
            raise StorageError(f"{path} exists already; name a new file or remove that one.")
        self._lines = LineAppender(path, TRACE_FORMAT)

    def append(self, reading: MachineReading) -> None:
        """Append one reading; raises StorageError if there is no room."""
        self._lines.append(msgspec.json.encode(reading) + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._lines.close()


def record(
    sampler: Sampler, path: Path, *, pids: Sequence[int], seconds: float, interval_s: float
) -> int:
    """Record readings for a while and return how many; ctrl+c ends it early.

    Raises:
        StorageError: The file is there already, or cannot be written.
    """
    recorder = TraceRecorder(path)
    num_readings = 0
    end = time.monotonic() + seconds
    try:
        while True:
            recorder.append(sampler.read(pids))
            num_readings += 1
            left = end - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(interval_s, left))
    except KeyboardInterrupt:
        pass
    finally:
        recorder.close()
    return num_readings


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_TRACE_BYTES + 1)
    except OSError as error:
        raise StorageError(
            f"The device trace {path} cannot be read ({reason(error)}); check the path."
        ) from error
    if len(content) > MAX_TRACE_BYTES:
        raise StorageError(f"The device trace {path} is larger than 64 MiB; record a shorter one.")
    return content


def _reading(path: Path, number: int, line: bytes) -> MachineReading:
    try:
        return _decoder.decode(line)
    except UNREADABLE as error:
        raise StorageError(
            f"Line {number} of the device trace {path} is no reading ({error}); record it again."
        ) from error


def main(arguments: list[str] | None = None) -> int:
    """Record this machine and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m mnist_tui.training.devices.device_trace",
        description="Record what this machine's devices do, for `mnist-tui --devices-from FILE`.",
    )
    parser.add_argument("file", type=Path, help="the new file")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (60)")
    parser.add_argument("--interval", type=float, default=2.0, help="between readings (2)")
    parser.add_argument("--pids", type=int, nargs="*", default=[], help="processes to follow")
    options = parser.parse_args(arguments)
    from mnist_tui.training.devices.live_sampler import LiveSampler  # noqa: PLC0415 — psutil, 12 ms that replays save

    try:
        count = record(
            LiveSampler(),
            options.file,
            pids=options.pids,
            seconds=options.seconds,
            interval_s=max(0.1, options.interval),
        )
    except StorageError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"{count} readings in {options.file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
