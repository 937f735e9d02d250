"""Workspaces of system tests: of a test's own, or shared by a module's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.golden.stored_home import unpack
from tests.harness import Workspace, new_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def workspace(digits_dir: Path) -> Iterator[Workspace]:
    """A home whose supervisor starts with the test."""
    with new_workspace(digits_dir) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def _module_workspace(digits_dir: Path) -> Iterator[Workspace]:
    with new_workspace(digits_dir) as workspace:
        yield workspace


@pytest.fixture
def shared(_module_workspace: Workspace) -> Iterator[Workspace]:
    """A home without sessions whose supervisor and fork server a module's tests share."""
    yield _module_workspace
    _module_workspace.clear()


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The home of the golden files, without a supervisor; no test changes it."""
    folder = tmp_path_factory.mktemp("stored")
    return Workspace(unpack(folder), folder / "data")
