"""Fixtures, options and markers of all tests."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.smoke import SMOKE

TESTS = Path(__file__).parent
USES_SUPERVISOR = {"workspace", "shared"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files instead of comparing"
    )


def pytest_configure() -> None:
    # A background job of a shell inherits SIGINT ignored, and with it every program under test.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that start a supervisor or whole programs, and the smoke tests among them."""
    for item in items:
        file = item.path.relative_to(TESTS).as_posix()
        if file.startswith("system/") or USES_SUPERVISOR & set(getattr(item, "fixturenames", ())):
            item.add_marker("system")
        if {item.name, getattr(item, "originalname", "")} & set(SMOKE.get(file, ())):
            item.add_marker("smoke")


@pytest.fixture(autouse=True)
def _own_view(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let no test see or change how the user of this machine looks at things."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))


@pytest.fixture(scope="session")
def mnist_dir() -> Path:
    """The folder of the real MNIST in torchvision's layout; skips where there is none."""
    folder = mnist_folder()
    if not has_mnist(folder):
        pytest.skip(f"the real MNIST is not in {folder}; set MNIST_TUI_TEST_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def digits_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder that the first session fills with the embedded digits."""
    return tmp_path_factory.mktemp("data")


def mnist_folder() -> Path:
    """Return the folder where the real MNIST belongs."""
    named = os.environ.get("MNIST_TUI_TEST_DATA")
    return Path(named) if named else Path(__file__).parents[2] / "shared" / "data"


def has_mnist(folder: Path) -> bool:
    """Return whether the real MNIST is in a dataset folder."""
    return (folder / "MNIST" / "raw" / "train-images-idx3-ubyte").exists()
