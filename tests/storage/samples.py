"""Records to store, and real faults to store them under."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.storage.records import MetricRow, Position, Progress, SessionRecord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIME = "2026-01-02T03:04:05.678Z"


def sample_record(session_id: int, *, step: int = 0, **changes: Any) -> SessionRecord:
    record = SessionRecord(
        id=session_id,
        name=f"session {session_id}",
        parameters={"model": "cnn", "dataset": "digits", "epochs": 5, "learning_rate": 0.001},
        created_at=TIME,
        progress=Progress(position=Position(step=step)),
    )
    return msgspec.structs.replace(record, **changes)


def sample_row(step: int, split: str = "train", **changes: Any) -> MetricRow:
    row = MetricRow(
        step=step,
        epoch=step / 10,
        split=split,
        loss=1.0 / (step + 1),
        accuracy=0.5,
        mse=0.1,
        learning_rate=0.001,
        time=TIME,
    )
    return msgspec.structs.replace(row, **changes)


@contextlib.contextmanager
def full_disk(num_bytes: int) -> Iterator[None]:
    """Let no file of this process grow beyond `num_bytes`: the kernel writes half, then refuses."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def start_python(script: str, *arguments: object) -> subprocess.Popen[bytes]:
    """Start a real process that runs `script` and tells of itself on its stdout."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    # Without a buffer, `communicate` returns everything that `readline` did not.
    return subprocess.Popen(
        command,
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def kill(process: subprocess.Popen[bytes]) -> bytes:
    """End a process with SIGKILL and return what it had still told."""
    process.kill()
    told, _ = process.communicate()
    return told


def flip_bit(path: Path, bit: int) -> None:
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below `folder` with its content."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
