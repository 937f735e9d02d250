"""Reader of lines appended to a file since the last read; an unfinished line waits for its end."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from mnist_tui.storage.atomic import reason
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.lines import require_known_format

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_HEADER_BYTES = 4096


class LineFollower:
    """Follows the file at `path`, of lines after a first one that says the format."""

    def __init__(self, path: Path, newest_format: int) -> None:
        self.path = path
        self.offset = 0
        """Offset of the first unread line in bytes; set it to skip lines."""
        self.num_restarts = 0
        """Times the file was replaced or cut and reading restarted with its first line."""
        self._newest_format = newest_format
        self._file_id: tuple[int, int] | None = None

    def num_unread(self) -> int:
        """Return how many bytes are new, 0 if there is no file.

        Raises:
            StorageError: The file cannot be read or a newer version wrote it.
        """
        with self._opened() as descriptor:
            return 0 if descriptor is None else os.fstat(descriptor).st_size - self.offset

    def read_lines(self, max_bytes: int) -> bytes:
        """Return the next whole lines, at most `max_bytes`; empty if there are none.

        Of a line longer than that, which no writer of ours makes, a piece is returned.

        Raises:
            StorageError: The file cannot be read or a newer version wrote it.
        """
        with self._opened() as descriptor:
            if descriptor is None:
                return b""
            chunk = os.pread(descriptor, max_bytes, self.offset)
        end = chunk.rfind(b"\n") + 1
        if end or len(chunk) < max_bytes:
            chunk = chunk[:end]
        self.offset += len(chunk)
        return chunk

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int | None]:
        """Give the descriptor of the file, None if there is no file."""
        try:
            with self.path.open("rb", buffering=0) as file:
                self._start_over_if_replaced(os.fstat(file.fileno()))
                self._pass_header(file.fileno())
                yield file.fileno()
        except FileNotFoundError:
            yield None
        except OSError as error:
            raise StorageError(
                f"The metrics {self.path} cannot be read ({reason(error)}); check its permissions."
            ) from error

    def _start_over_if_replaced(self, status: os.stat_result) -> None:
        file_id = (status.st_dev, status.st_ino)
        if self._file_id is not None and (file_id != self._file_id or status.st_size < self.offset):
            self.offset = 0
            self.num_restarts += 1
        self._file_id = file_id

    def _pass_header(self, descriptor: int) -> None:
        if self.offset > 0:
            return
        first_line, line_break, _ = os.pread(descriptor, MAX_HEADER_BYTES, 0).partition(b"\n")
        if line_break and require_known_format(self.path, first_line, self._newest_format):
            self.offset = len(first_line) + 1
