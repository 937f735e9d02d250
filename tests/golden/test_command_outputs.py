"""Every reading command on the stored home prints what its golden file holds."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.deadlines import patient
from tests.golden.stored_home import FOLDER, compare, masked, steady, unpack
from tests.system.command import COMMAND, TIMEOUT_S

if TYPE_CHECKING:
    from mnist_tui.storage.home import Home

FOUR_GPUS = Path(__file__).parents[1] / "data" / "four_gpus.jsonl"
NIGHT = "tag:night"

COMMANDS: dict[str, str] = {
    "ls.txt": "ls",
    "ls.json": "ls --json",
    "ls-filter.txt": "ls state:finished",
    "ls-nothing.txt": "ls nowhere",
    "show-finished.txt": "show 1",
    "show-finished.json": "show 1 --json",
    "show-failed.txt": "show 4",
    "show-stopped.txt": "show 5",
    "show-stopped.json": "show 5 --json",
    "show-held.txt": "show 8",
    "show-study.txt": "show 10",
    "metrics.txt": "metrics 1",
    "metrics.json": "metrics 1 --json",
    "metrics.csv": "metrics 1 --csv",
    "logs.txt": "logs 2",
    "logs-failed.txt": "logs 4",
    "compare.txt": f"compare {NIGHT}",
    "compare.json": f"compare {NIGHT} --json",
    "compare.csv": f"compare {NIGHT} --csv",
    "compare.md": f"compare {NIGHT} --md",
    "compare-failed.txt": "compare 1 4 8",
    "evaluate.txt": "evaluate 1",
    "evaluate.json": "evaluate 2 --json",
    "outliers.txt": "outliers 1 2",
    "outliers.json": "outliers 1 --json",
    "profile.txt": "profile 5 --last",
    "profile.json": "profile 5 --last --json",
    "study-ls.txt": "study ls",
    "study-ls.json": "study ls --json",
    "study-show.txt": "study show rates",
    "study-show.json": "study show rates --json",
    "study-show.csv": "study show rates --csv",
    "study-show.md": "study show rates --md",
    "data.txt": "data",
    "data.json": "data --json",
    "data-digits.txt": "data digits",
    "data-digits.json": "data digits --json",
    "models.txt": "models",
    "models.json": "models --json",
    "devices.txt": f"--devices-from {FOUR_GPUS} devices",
    "devices.json": f"--devices-from {FOUR_GPUS} devices --json",
    "audit.txt": "audit",
    "audit.json": "audit --json",
    "report.md": f"report {NIGHT} -o - --md",
    "report.csv": f"report {NIGHT} -o - --csv",
    "report.json": "report 1 -o - --json",
    "report-study.md": "report --study rates -o - --md",
    "report-failed.md": "report 4 8 -o - --md",
    "refused-id.txt": "show 99",
    "refused-state.txt": "profile 1 --last",
    "refused-option.txt": "ls --jsn",
}
"""Command lines by golden file."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return unpack(tmp_path_factory.mktemp("golden"))


def printed(home: Home, line: str) -> str:
    """Run a command and return its output, its errors and its exit code, masked."""
    folder = home.path.parent
    done = subprocess.run(
        [*COMMAND, "--home", home.path, "--data-dir", folder / "data", *line.split()],
        env=steady(XDG_CONFIG_HOME="/nonexistent", XDG_STATE_HOME=str(folder / "state")),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patient(TIMEOUT_S),
        check=False,
    )
    parts = [done.stdout]
    if done.stderr or done.returncode:
        parts += [f"--- stderr, exit code {done.returncode}\n", done.stderr]
    return masked("".join(parts), folder)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_prints_what_it_always_did(
    name: str, home: Home, request: pytest.FixtureRequest
) -> None:
    compare(printed(home, COMMANDS[name]), FOLDER / "commands" / name, request)


def test_a_report_in_html_says_what_it_always_did(
    home: Home, request: pytest.FixtureRequest
) -> None:
    path = home.path.parent / "report.html"
    text = printed(home, f"report 1 2 -o {path} --force")
    compare(
        text + masked(path.read_text(), home.path.parent),
        FOLDER / "commands" / "report.html",
        request,
    )
