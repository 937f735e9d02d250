"""A terminal that stamps what it is sent: answers queries as a modern one does, parses later.

Nothing is parsed while a time is being taken, so that the reading costs the program nothing.
"""

from __future__ import annotations

import os
import select
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import psutil

from tests.deadlines import wait_until
from tests.system.command import environment
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mnist_tui.storage.home import Home

PROGRAM = str(Path(sys.executable).with_name("mnist-tui"))
ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",  # synchronised output: supported
    b"\x1b[c": b"\x1b[?62;22c",
}
READ_BYTES = 65_536

Value = TypeVar("Value")


@dataclass(frozen=True)
class Chunk:
    """What one read brought."""

    time: float
    """Of `time.perf_counter`."""
    content: bytes


class WatchedTerminal(Terminal):
    """A terminal whose output is kept with the time at which it came."""

    def __init__(
        self, home: Home, *words: str, columns: int = 120, rows: int = 40, data_dir: Path
    ) -> None:
        command = [PROGRAM, "--data-dir", str(data_dir), *words]
        self.started_at = time.perf_counter()
        super().__init__(command, screen_environment(home), columns=columns, rows=rows)
        self.ui = psutil.Process(self.process.pid)
        self._unparsed: list[Chunk] = []

    def read(self, wait_s: float = 0.0) -> bytes:
        """Take what has come until nothing comes for `wait_s`, and parse it."""
        chunks = self.take(wait_s)
        self.parse()
        return b"".join(chunk.content for chunk in chunks)

    def take(self, quiet_s: float, limit_s: float = float("inf")) -> list[Chunk]:
        """Return what comes until nothing comes for `quiet_s` or `limit_s` have passed."""
        taken: list[Chunk] = []
        deadline = time.perf_counter() + limit_s
        with suppress(OSError):  # the other end was closed
            while self._is_readable(min(quiet_s, deadline - time.perf_counter())):
                content = os.read(self.fd, READ_BYTES)
                if not content:
                    break
                taken.append(Chunk(time.perf_counter(), content))
                self._answer(content)
        self._unparsed += taken
        return taken

    def await_output(self, timeout_s: float) -> None:
        """Wait until something can be read; it is not taken yet."""
        if not self._is_readable(timeout_s):
            raise AssertionError(f"the screen sent nothing within {timeout_s:g} s")

    def take_for(self, duration_s: float) -> list[Chunk]:
        """Return what comes within `duration_s`."""
        return self.take(float("inf"), duration_s)

    def parse(self) -> None:
        """Let the screen show everything that was taken."""
        self.replay(lambda _: None)

    def replay(self, look: Callable[[list[str]], Value]) -> list[tuple[float, Value]]:
        """Parse what was taken and return what `look` saw after each piece, with its time."""
        seen = []
        for chunk in self._unparsed:
            self._stream.feed(chunk.content.replace(b"\x1b[>", b"\x1b[?"))
            seen.append((chunk.time, look(list(self.screen.display))))
        self._unparsed = []
        return seen

    def press(self, key: bytes) -> float:
        """Press a key and return when."""
        pressed_at = time.perf_counter()
        os.write(self.fd, key)
        return pressed_at

    def leave(self) -> None:
        """Leave the screen as a person does."""
        if self.process.poll() is None:
            os.write(self.fd, b"\x11")  # ctrl+q, from everywhere
            with suppress(AssertionError):
                wait_until(lambda: self.take(0.01) or self.process.poll() is not None, "leaves", 2)
                self.wait_for_end(10)
        self.close()

    def __exit__(self, *_: object) -> None:
        self.leave()

    def _is_readable(self, wait_s: float) -> bool:
        return bool(select.select([self.fd], [], [], max(0.0, wait_s))[0])

    def _answer(self, content: bytes) -> None:
        for query, answer in ANSWERS.items():
            if query in content:
                os.write(self.fd, answer)


def state_folder(home: Home) -> Path:
    """Return where the screens of these benchmarks remember their view."""
    return home.path / "state"


def screen_environment(home: Home) -> Mapping[str, str]:
    """Return the environment of a person at a terminal with all colours."""
    return environment(
        MNIST_TUI_HOME=home.path,
        XDG_CONFIG_HOME=home.path / "config",
        XDG_STATE_HOME=state_folder(home),
        TERM="xterm-256color",
        COLORTERM="truecolor",
        PYTHONDONTWRITEBYTECODE=None,
        PYTHONUNBUFFERED=None,
        SSH_CONNECTION=None,
    )
