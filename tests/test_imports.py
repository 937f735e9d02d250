"""Modules that each process loads: commands start fast, screen and supervisor stay small."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.home import Home
from tests.system.command import environment, store

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = {"torch", "torchvision", "sklearn", "scipy"}
SLOW = HEAVY | {"textual", "rich", "plotext", "numpy", "tinydb", "asyncio", "platformdirs"}
"""What no reading command may load."""


def loaded_by(code: str, home: Path) -> set[str]:
    """Return what a fresh interpreter has loaded after `code`: top-level names, and ours."""
    tell = (
        "import sys; names = [name.removeprefix('mnist_tui.') for name in sys.modules];"
        "sys.stderr.write(' '.join({name.partition('.')[0] for name in names}))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"{code}\n{tell}"],
        env=environment(MNIST_TUI_HOME=home, MNIST_TUI_DATA=home),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "words", [["ls"], ["ls", "--json"], ["metrics", "1"], ["logs", "1"], ["models"]]
)
def test_reading_commands_load_nothing_slow(tmp_path: Path, words: list[str]) -> None:
    store(Home(tmp_path), "stored")
    loaded = loaded_by(
        f"from mnist_tui.tui.__main__ import main\nassert main({words!r}) == 0", tmp_path
    )
    assert "tui" in loaded
    assert not SLOW & loaded


def test_showing_a_session_loads_no_torch_and_no_textual(tmp_path: Path) -> None:
    store(Home(tmp_path), "stored")
    loaded = loaded_by(
        "from mnist_tui.tui.__main__ import main\nassert main(['show', '1']) == 0", tmp_path
    )
    assert not (HEAVY | {"textual", "rich", "numpy", "tinydb"}) & loaded


@pytest.mark.parametrize("module", ["new", "pause", "wait", "supervisor", "profile"])
def test_changing_commands_load_no_torch_and_no_textual(tmp_path: Path, module: str) -> None:
    loaded = loaded_by(f"import mnist_tui.tui.cli.commands.{module}", tmp_path)
    assert not (HEAVY | {"textual", "rich", "numpy", "tinydb"}) & loaded


def test_the_supervisor_loads_no_torch_no_numpy_and_nothing_of_the_screen(tmp_path: Path) -> None:
    loaded = loaded_by("import mnist_tui.training.supervisor.process", tmp_path)
    assert "training" in loaded
    assert not (HEAVY | {"numpy", "textual", "rich", "plotext", "tui"}) & loaded


def test_what_conducts_a_benchmark_loads_no_torch_and_no_numpy(tmp_path: Path) -> None:
    loaded = loaded_by(
        "from mnist_tui.training.benchmark import benchmark_runner\n"
        "from mnist_tui.tui.cli.commands import bench\n"
        "from mnist_tui.tui.reports import bench_report",
        tmp_path,
    )
    assert not (HEAVY | {"numpy", "textual", "rich", "tinydb"}) & loaded


def test_the_guard_loads_nothing_but_the_standard_library(tmp_path: Path) -> None:
    loaded = loaded_by(
        "import mnist_tui.training.__main__, mnist_tui.training.supervisor.guard", tmp_path
    )
    assert not (SLOW | {"msgspec", "click", "psutil"}) & loaded


def test_the_screen_loads_no_torch_and_draws_its_first_frame_without_numpy(tmp_path: Path) -> None:
    loaded = loaded_by("import mnist_tui.tui.app.app", tmp_path)
    assert "textual" in loaded
    assert not (HEAVY | {"numpy", "tinydb"}) & loaded


def test_every_module_of_the_screen_and_the_commands_does_without_torch(tmp_path: Path) -> None:
    code = (
        "import importlib, pkgutil\n"
        "from mnist_tui import storage, tui\n"
        "for package in (tui, storage):\n"
        "    for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        importlib.import_module(found.name)\n"
    )
    assert not HEAVY & loaded_by(code, tmp_path)


def test_what_workers_are_forked_from_has_one_thread_no_device_and_no_garbage(
    tmp_path: Path,
) -> None:
    code = """
import gc, threading
import psutil
import mnist_tui.training.worker.preload
import torch
assert psutil.Process().num_threads() == 1, threading.enumerate()
assert not torch.cuda.is_initialized()
assert gc.get_freeze_count() > 100_000
assert len(gc.get_objects()) < 10_000
"""
    assert "torch" in loaded_by(code, tmp_path)
