"""A home of its own for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home that is ours and private."""
    home = Home(tmp_path / "home")
    home.prepare()
    return home
