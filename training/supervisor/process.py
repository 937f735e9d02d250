"""The supervisor's process: takes the home's lock, serves until the end, and cleans up."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import sys
import time
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from mnist_tui.storage.errors import LockHeldError, StorageError
from mnist_tui.storage.home import Home
from mnist_tui.storage.lock import FileLock
from mnist_tui.storage.registry.registry import Registry
from mnist_tui.training.parameters.settings import SettingsError, load_settings
from mnist_tui.training.protocol.client import Busy, Refused
from mnist_tui.training.protocol.start_supervisor import answers
from mnist_tui.training.supervisor.guard import EXIT_REFUSED
from mnist_tui.training.supervisor.server import SocketError
from mnist_tui.training.supervisor.service import Idle, Service

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mnist_tui.training.executors.executor import Executor

PREDECESSOR_TIMEOUT_S = 15.0
"""Seconds to wait for a predecessor that still saves and leaves."""

IDLE = Idle(exit_after_s=30 * 60.0, cool_after_s=10 * 60.0)

LOCAL_EXECUTOR = "mnist_tui.training.executors.local_executor:LocalExecutor"

log = logging.getLogger("supervisor")


def serve(
    home_path: Path,
    *,
    slots: int | None,
    mirror: str | None,
    is_ephemeral: bool,
    idle: Idle,
    executor: str,
    ready_fd: int | None,
) -> int:
    """Run the supervisor of a home until it is shut down or idle; return its exit code.

    Args:
        home_path: The home to serve.
        slots: Sessions at the same time; None takes the setting.
        mirror: URL that datasets are downloaded from; None takes the setting.
        is_ephemeral: Leave, and remove the home, as soon as the last client has gone.
        idle: When to leave, and when to drop the fork server.
        executor: Where workers run: module:name of what makes an `Executor` for a `Home`.
        ready_fd: Where to write `ready`, or the sentence that says why not.
    """
    os.umask(0o077)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(name)s: %(message)s", stream=sys.stderr
    )
    home = Home(home_path)
    try:
        home.prepare()
        settings = load_settings()
        lock = _take_lock(home)
        registry = Registry.open(home)
        service = Service(
            home,
            registry,
            _executor(executor, home),
            slots=slots or settings.slots,
            mirror=mirror or settings.mirror,
            is_ephemeral=is_ephemeral,
            idle=idle,
        )
    except LockHeldError:
        _report(ready_fd, "another supervisor serves this home, or still saves; try again.")
        return EXIT_REFUSED
    except (StorageError, SettingsError) as error:
        _report(ready_fd, str(error))
        return EXIT_REFUSED
    with lock:
        for notice in registry.notices:
            log.warning("%s", notice)
        try:
            asyncio.run(service.run(lambda: _report(ready_fd, "ready")))
        except SocketError as error:
            _report(ready_fd, str(error))
            return EXIT_REFUSED
    if is_ephemeral:
        shutil.rmtree(home.path, ignore_errors=True)
    return 0


def _executor(name: str, home: Home) -> Executor:
    """Return the executor called `name`, which is imported only now.

    Raises:
        SettingsError: There is none of that name.
    """
    try:
        make: Callable[[Home], Executor] = resolve_name(name)
    except (ImportError, AttributeError, ValueError) as error:
        raise SettingsError(f"The executor {name} cannot be loaded ({error}).") from error
    return make(home)


def _take_lock(home: Home) -> FileLock:
    """Take the supervisor's lock, waiting for a predecessor that still saves and leaves.

    Raises:
        LockHeldError: Another supervisor serves the home, or has not left in time.
    """
    deadline = time.monotonic() + PREDECESSOR_TIMEOUT_S
    while True:
        try:
            return FileLock.acquire(home.supervisor_lock)
        except LockHeldError:
            if time.monotonic() > deadline or _is_served(home):
                raise


def _is_served(home: Home) -> bool:
    try:
        return answers(home)
    except (Busy, Refused):
        return True


def _report(ready_fd: int | None, text: str) -> None:
    """Send the process that starts us its answer."""
    if ready_fd is not None:
        os.write(ready_fd, text.encode())
        os.close(ready_fd)
