"""A workspace of its own for each test that opens the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.harness import SMALL_ENDLESS, new_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.harness import Workspace


@pytest.fixture
def workspace(digits_dir: Path) -> Iterator[Workspace]:
    """A home without sessions, where the screen or the first request starts a supervisor."""
    with new_workspace(digits_dir, options=(), parameters=SMALL_ENDLESS) as workspace:
        yield workspace
