"""Output of commands: prose and a progress line on standard error, data on standard output."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from mnist_tui.tui.terminal import ascii_output
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

MAX_SENTENCE = 2_000
ERASE_LINE = "\r\033[K"


def say(sentence: str) -> None:
    """Write one line of prose to standard error."""
    click.echo(printable(sentence, MAX_SENTENCE), err=True)


def write(lines: Iterable[str]) -> None:
    """Write lines to standard output; colours only reach a terminal that wants them."""
    click.echo("\n".join(lines), color=None if wants_color() else False)


def write_ascii_only(is_wanted: bool) -> None:
    """Restrict standard output and error to ASCII, the screens' too, or end the restriction."""
    (ascii_output.serve if is_wanted else ascii_output.release)(sys.stdout, sys.stderr)


def wants_color() -> bool:
    """Return True if colours may be used, provided standard output is a terminal."""
    return not refuses_color() and os.environ.get("TERM") not in ("", "dumb")


def refuses_color() -> bool:
    """Return True if NO_COLOR forbids colours (no-color.org)."""
    return bool(os.environ.get("NO_COLOR"))


def is_screen() -> bool:
    """Return True if standard input and output are a terminal that can show the screens."""
    has_streams = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
    return has_streams and os.environ.get("TERM", "dumb") not in ("", "dumb")


def output_width() -> int | None:
    """Return the columns of standard output, or None if it is no terminal."""
    return columns_of(sys.stdout) if sys.stdout.isatty() else None


def columns_of(terminal: TextIO) -> int:
    """Return the columns of a terminal; 80 if it reports none."""
    return os.get_terminal_size(terminal.fileno()).columns or 80


class ProgressLine:
    """Line on standard error that is overwritten; nothing if that is no terminal."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._is_dirty = False

    def show(self, text: str) -> None:
        """Replace the line by `text`."""
        if self._is_terminal:
            self._write(ERASE_LINE + printable(text, columns_of(sys.stderr) - 1))
            self._is_dirty = True

    def clear(self) -> None:
        """Erase the line."""
        if self._is_dirty:
            self._write(ERASE_LINE)
            self._is_dirty = False

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
