"""A folder in memory and a home of its own for each test."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.home import Home

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = Path("/dev/shm")


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is such a thing.

    A kill loses nothing that was written, on no file system, so only the time of the many syncs
    would be added by a disk.
    """
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="mnist-tui-test-", dir=MEMORY) as folder:
        yield Path(folder)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home that is ours and private."""
    home = Home(tmp_path / "home")
    home.prepare()
    return home
