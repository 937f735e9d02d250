"""The child's side of every process: entry point, output, signals, and errors as one line."""

from __future__ import annotations

import faulthandler
import io
import os
import signal
import sys
from contextlib import suppress
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.atomic import PRIVATE_FILE
from mnist_tui.storage.errors import StorageError

if TYPE_CHECKING:
    import socket
    from pathlib import Path


def run_entry(connection: socket.socket, name: str, *arguments: Any) -> None:
    """Call the entry point `name` (module:function) in the new process.

    It is named, not imported, so that the supervisor never loads what its workers need.
    """
    resolve_name(name)(connection, *arguments)


def settle(log: Path) -> None:
    """Send output to the log, ignore the terminal's signals, and log crashes.

    If the log cannot be created or written, output is dropped.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    try:
        descriptor = os.open(log, flags, PRIVATE_FILE)
    except OSError:
        descriptor = os.open(os.devnull, flags)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    sys.stdout, sys.stderr = _forgiving_stream(1), _forgiving_stream(2)
    faulthandler.enable()
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


class _ForgivingFile(io.FileIO):
    """A file that drops what it has no room for: a log must never end a training."""

    def write(self, data: Any, /) -> int:
        with suppress(OSError):
            return super().write(data) or 0
        return memoryview(data).nbytes


def _forgiving_stream(descriptor: int) -> io.TextIOWrapper:
    file = _ForgivingFile(descriptor, "wb", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(file), "utf-8", errors="backslashreplace", line_buffering=True
    )


def explain(error: Exception) -> str:
    """Return an error as one line for the session's row."""
    if isinstance(error, MemoryError):
        return "out of memory; use a smaller batch_size, or train fewer sessions at once"
    text = " ".join(str(error).split())
    is_for_users = isinstance(error, StorageError | ValueError) and text
    return text if is_for_users else f"{type(error).__name__}: {text}"[:500]
