"""Start of a supervisor by a client: exactly one, however many clients try at once."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from mnist_tui.storage.atomic import private
from mnist_tui.storage.errors import LockHeldError
from mnist_tui.storage.lock import FileLock
from mnist_tui.training.protocol.client import Busy, Client, Unreachable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.home import Home

START_TIMEOUT_S = 20.0


def connect_or_start(home: Home, options: Sequence[str] = (), *, client: str = "cli") -> Client:
    """Return a connection, starting a supervisor if none runs.

    Args:
        home: Created, readable by its owner alone, if it is new.
        options: Command line of the supervisor, used only if it is started here.
        client: The name of this client in the history.

    Raises:
        Unreachable: None could be started, or the running one is busy; the text distinguishes them.
        Refused: The running one speaks another version.
        StorageError: The home cannot be used.
    """
    try:
        return Client.connect(home, client=client)
    except Busy:
        raise
    except Unreachable:
        ensure_supervisor(home, options)
        return Client.connect(home, client=client)


def ensure_supervisor(home: Home, options: Sequence[str] = ()) -> None:
    """Start a supervisor unless one answers, and return once it does.

    Raises:
        Unreachable: None could be started, or the running one is busy; the text distinguishes them.
        StorageError: The home cannot be used.
    """
    home.prepare()
    try:
        lock = FileLock.acquire(home.start_lock, timeout_s=START_TIMEOUT_S)
    except LockHeldError as error:
        raise Unreachable(f"Another command is still starting a supervisor ({error})") from error
    with lock:
        # The previous holder of the lock may have started it.
        if answers(home):
            return
        try:
            _start(home, options)
        except Unreachable:
            # A guard may have restarted one meanwhile, which refused ours.
            if not answers(home):
                raise


def answers(home: Home) -> bool:
    """Return True if a supervisor serves the home now."""
    try:
        Client.connect(home).close()
    except Busy:
        raise
    except Unreachable:
        return False
    return True


def _start(home: Home, options: Sequence[str]) -> None:
    ready_end, supervisor_end = os.pipe()
    try:
        with open(home.supervisor_log, "ab", opener=private) as log:
            # -P keeps the current folder out of the module search path.
            starter = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "mnist_tui.training",
                    "guard",
                    "--ready-fd",
                    str(supervisor_end),
                    "--home",
                    os.fspath(home.path),
                    *options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=home.path,
                start_new_session=True,
                pass_fds=(supervisor_end,),
            )
        os.close(supervisor_end)
        starter.wait()
        answer = _read_answer(ready_end)
    finally:
        os.close(ready_end)
    if answer != "ready":
        reason = answer or f"see {home.supervisor_log}"
        raise Unreachable(f"The supervisor could not be started: {reason}")


def _read_answer(ready_end: int) -> str:
    deadline = time.monotonic() + START_TIMEOUT_S
    answer = b""
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([ready_end], [], [], left)[0]:
            break
        chunk = os.read(ready_end, 4096)
        if not chunk:
            break
        answer += chunk
    return answer.decode(errors="replace").strip()
