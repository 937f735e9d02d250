"""The guard: the supervisor's parent restarts it when it dies, and ends when it leaves on purpose.

It holds no lock and no state, so killing it costs nothing but the next automatic restart.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

MAX_RESTARTS = 5
WINDOW_S = 600.0
EXIT_REFUSED = 2
"""The supervisor cannot run here (home unusable, another one runs); a restart would not help."""


def guard(arguments: list[str], ready_fd: int | None) -> int:
    """Run the supervisor until it exits 0 or refuses; at most 5 restarts in 10 minutes."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    deaths: list[float] = []
    while True:
        code = _run_supervisor(arguments, ready_fd)
        ready_fd = None
        if code in (0, EXIT_REFUSED):
            return code
        now = time.monotonic()
        deaths = [moment for moment in deaths if now - moment < WINDOW_S] + [now]
        if len(deaths) > MAX_RESTARTS:
            _log(f"the supervisor died {len(deaths)} times in 10 minutes; leaving it down")
            return 1
        _log(f"the supervisor ended with {code}; restarting it")
        time.sleep(0.1 * len(deaths))


def _run_supervisor(arguments: list[str], ready_fd: int | None) -> int:
    command = [sys.executable, "-P", "-m", "mnist_tui.training", "supervisor", *arguments]
    if ready_fd is not None:
        command += ["--ready-fd", str(ready_fd)]
    process = subprocess.Popen(command, pass_fds=() if ready_fd is None else (ready_fd,))
    if ready_fd is not None:
        os.close(ready_fd)
    return process.wait()


def _log(text: str) -> None:
    sys.stderr.write(f"guard: {text}\n")
    sys.stderr.flush()
