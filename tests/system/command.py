"""Running `mnist-tui` as its users do: as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from storage.folders import make_session_folder
from storage.records import SessionRecord, SessionState
from storage.registry import Registry
from training.parameters import resolve, to_plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from storage.home import Home

COMMAND = (sys.executable, "-P", "-m", "tui")
TIMEOUT_S = 60.0


def environment(**changes: str | Path | None) -> dict[str, str]:
    """Return this environment without what steers mnist-tui, with `changes`; None removes."""
    steering = ("MNIST_TUI_", "XDG_", "NO_COLOR", "COLUMNS")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(steering)}
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
        timeout=TIMEOUT_S,
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
    parameters = to_plain(resolve({}, num_train={}, default_threads=1))
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


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")
