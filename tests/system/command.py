"""Running `mnist-tui` as its users do: as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.folders import make_session_folder
from mnist_tui.storage.records import SessionRecord, SessionState
from mnist_tui.storage.registry.registry import Registry
from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.resolution import resolve
from tests.deadlines import patient

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mnist_tui.storage.home import Home
    from tests.harness import Workspace

COMMAND = (sys.executable, "-P", "-m", "mnist_tui.tui")
TIMEOUT_S = 60.0

SMALL = ("--epochs", 1, "--batch-size", 256, "--model", "lenet", "--threads", 1)
"""A session on digits that is over in a moment."""
ENDLESS = ("--epochs", 100_000, "--log-every", 1, "--threads", 1)
"""A session on digits that runs until it is told otherwise."""


def environment(**changes: str | Path | None) -> dict[str, str]:
    """Return this environment without what steers mnist-tui, with `changes`; None removes."""
    # pytest loads readline, which exports the size of a terminal to the processes of xdist.
    steering = ("MNIST_TUI_", "XDG_", "NO_COLOR", "COLUMNS", "LINES")
    kept = {
        name: text
        for name, text in os.environ.items()
        # The view of a test is no more this user's than the test's home is.
        if name == "XDG_STATE_HOME" or not name.startswith(steering)
    }
    given = {name: str(value) for name, value in changes.items() if value is not None}
    return {name: text for name, text in kept.items() if name not in changes} | given


def mnist_tui(
    home: Home, *words: object, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `mnist-tui WORDS` on `home`, without a terminal, to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        env=environment(MNIST_TUI_HOME=home.path, XDG_CONFIG_HOME="/nonexistent") | dict(env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patient(TIMEOUT_S),
        check=False,
    )


def output_of(home: Home, *words: object, env: Mapping[str, str] | None = None) -> str:
    """Run a command that must succeed and return what it printed."""
    done = mnist_tui(home, *words, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def json_of(home: Home, *words: object, env: Mapping[str, str] | None = None) -> Any:
    """Run a command that must succeed and return the JSON it printed."""
    return json.loads(output_of(home, *words, "--json", env=env), parse_constant=_refuse)


def store(home: Home, *names: str, state: SessionState = SessionState.FINISHED) -> None:
    """Put sessions into a registry that no supervisor has open."""
    home.prepare()
    parameters = to_plain(resolve({}, sizes={}, default_threads=1))
    registry = Registry.open(home)
    for name in names:
        record = SessionRecord(
            id=registry.new_id(),
            name=name,
            parameters=parameters,
            created_at="2026-01-02T03:04:05.678Z",
            state=state,
        )
        make_session_folder(home, record.id)
        registry.put(record)
    registry.close()


def make(workspace: Workspace, *words: object) -> int:
    """Make a session on the command line and return the ID it printed."""
    made = mnist_tui(workspace.home, "--data-dir", workspace.data_dir, "new", *words)
    assert made.returncode == 0, made.stderr
    return int(made.stdout)


def running(workspace: Workspace, *words: object) -> int:
    """Make an endless session and return its ID once it trains."""
    _ = workspace.client  # starts the supervisor with the workspace's slots
    session_id = make(workspace, *ENDLESS, *words)
    workspace.reach(session_id, SessionState.RUNNING)
    workspace.reach_step(session_id, 1)
    return session_id


def state_of(workspace: Workspace, session_id: int) -> str:
    """Return the state that `ls` tells of a session."""
    rows = json_of(workspace.home, "ls")
    return next(str(row["state"]) for row in rows if row["id"] == session_id)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")
