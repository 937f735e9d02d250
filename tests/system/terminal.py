"""A real terminal for tests: a pty with a process in it, and what its screen shows."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

import pyte

from tests.deadlines import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

QUIET_S = 0.03
"""After this much silence a screen has drawn what a key asked for."""


class Terminal:
    """A pty, the process in it, every byte it wrote, and the screen that they make."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], *, columns: int = 80, rows: int = 24
    ) -> None:
        self.fd, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.output = b""
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.process = subprocess.Popen(
            list(command),
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env=dict(env),
        )
        os.close(inner)

    def read(self, wait_s: float = 0.0) -> bytes:
        """Return what came since the last reading, until nothing comes for `wait_s`."""
        new = b""
        with suppress(OSError):  # the other end was closed
            while select.select([self.fd], [], [], wait_s)[0]:
                if not (chunk := os.read(self.fd, 65_536)):
                    break
                new += chunk
        self.output += new
        # pyte takes no private marks such as those of the keyboard protocols of kitty and xterm.
        self._stream.feed(new.replace(b"\x1b[>", b"\x1b[?"))
        return new

    def keys(self, *keys: bytes) -> None:
        """Press keys one after the other and read what each of them changes."""
        for key in keys:
            os.write(self.fd, key)
            deadline = time.monotonic() + 0.3
            while not self.read(QUIET_S) and time.monotonic() < deadline:
                pass

    def display(self) -> list[str]:
        """Return the lines in sight."""
        self.read()
        return list(self.screen.display)

    def await_screen(
        self, condition: Callable[[str], object], what: str, timeout_s: float = 30.0
    ) -> None:
        """Wait until what is in sight meets a condition."""
        try:
            wait_until(lambda: condition("\n".join(self.display())), what, timeout_s)
        except AssertionError as error:
            raise AssertionError(f"{error}\n" + "\n".join(self.display())) from None

    def await_text(self, text: str, timeout_s: float = 30.0) -> None:
        """Wait until `text` is in sight."""
        self.await_screen(lambda shown: text in shown, f"{text!r} is in sight", timeout_s)

    def wait_for_end(self, timeout_s: float = 60.0) -> None:
        """Read until the process has ended."""

        def has_ended() -> bool:
            is_over = self.process.poll() is not None
            self.read()
            return is_over

        wait_until(has_ended, "the process ends", timeout_s)

    def close(self) -> None:
        """Let the terminal go away and leave nothing behind."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
