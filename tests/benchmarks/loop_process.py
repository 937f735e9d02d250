"""A training loop in a process of its own that trains only in its turns."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = Path(__file__).parent


class LoopProcess:
    """Runs `bare_loop.py` or `reference_loop.py`, which wait in between."""

    def __init__(self, script: str, options: Sequence[object]) -> None:
        environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
        self._script = script
        self._process = subprocess.Popen(
            [sys.executable, str(FOLDER / script), *map(str, options)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # As sessions have: Linux shares processor time out among them first.
            start_new_session=True,
        )
        assert self._answer() == "ready"

    def images_per_s(self, seconds: float) -> float:
        """Let it train and return its speed."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        return float(self._answer())

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._script} ended with {self._process.wait()}")
        return line.strip()
