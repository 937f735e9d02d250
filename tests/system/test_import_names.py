"""The program and a user's code that has the same folder names work side by side."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.deadlines import patient
from tests.system.command import environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness import Workspace

REPOSITORY = Path(__file__).parents[2]
SCRIPT = """
import sys
from mnist_tui.tui.__main__ import main
sys.exit(main())
"""
"""The console script that pip writes."""
USER_FILES = {
    "tui/__init__.py": "raise ImportError('the tui of the user')",
    "training/__init__.py": "raise ImportError('the training of the user')",
    "storage.py": "WIDTH = 8",
    "nets.py": """
import storage
from torch import nn


def build(num_classes):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, storage.WIDTH), nn.ReLU(),
        nn.Linear(storage.WIDTH, num_classes),
    )
""",
}
NUM_WEIGHTS = 784 * 8 + 8 + 8 * 10 + 10


@pytest.fixture(scope="module")
def user_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the user's with modules called as our packages."""
    folder = tmp_path_factory.mktemp("user")
    for name, content in USER_FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    return folder


@pytest.fixture(scope="module")
def installed_wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The program in an environment of its own, installed from a wheel; returns its command."""
    pytest.importorskip("hatchling", reason="builds the wheel")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True, timeout=patient(60))
    make = [sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")]
    subprocess.run(make, check=True, timeout=patient(60))
    (site_packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(site_packages)
    # Its dependencies are those of this environment; its own folder comes first.
    dependencies = [sysconfig.get_path("purelib"), *filter(_holds_packages, sys.path)]
    (site_packages / "dependencies.pth").write_text("\n".join(dependencies))
    return [str(folder / "venv" / "bin" / "python"), _script(folder)]


@pytest.fixture(scope="module")
def editable(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The program as this environment has it: imported from the repository."""
    return [sys.executable, _script(tmp_path_factory.mktemp("editable"))]


def _holds_packages(path: str) -> bool:
    return path.endswith("site-packages")


def _script(folder: Path) -> str:
    path = folder / "mnist-tui"
    path.write_text(SCRIPT)
    return str(path)


@pytest.fixture(params=["editable", "installed_wheel"])
def run(
    request: pytest.FixtureRequest, user_folder: Path, workspace: Workspace
) -> Callable[..., str]:
    """Run a command in the user's folder, which is on PYTHONPATH, and return its output."""
    command: list[str] = request.getfixturevalue(request.param)

    def run_command(*words: object) -> str:
        done = subprocess.run(
            [*command, "--data-dir", str(workspace.data_dir), *map(str, words)],
            cwd=user_folder,
            env=environment(MNIST_TUI_HOME=workspace.home.path, PYTHONPATH=user_folder),
            capture_output=True,
            text=True,
            timeout=patient(60),
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run_command


def test_commands_work_beside_a_users_tui_training_and_storage(run: Callable[..., str]) -> None:
    assert "0.1.0" in run("--version")
    run("ls")
    assert '"model": "lenet"' in run("new", "--model", "lenet", "--dry-run", "--json")


def test_a_users_model_imports_the_users_own_storage(
    run: Callable[..., str], workspace: Workspace
) -> None:
    session_id = int(run("new", "--model", "nets:build", "--epochs", 1, "--wait"))
    assert workspace.record(session_id).num_parameters == NUM_WEIGHTS
    assert workspace.record(session_id).progress.test_accuracy
