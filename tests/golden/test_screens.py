"""The screens on the stored home, in real terminals of two sizes, show what their files hold."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.deadlines import wait_until
from tests.golden.stored_home import FOLDER, difference, masked, renew, steady, unpack
from tests.system.command import COMMAND, mnist_tui
from tests.system.terminal import Terminal
from tests.system.test_devices_command import FOUR_GPUS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mnist_tui.storage.home import Home

SIZES = ("80x24", "160x45")
ESCAPE, ENTER, F1 = b"\x1b", b"\r", b"\x1bOP"
TOUR: dict[str, tuple[bytes, ...]] = {
    "sessions": (),
    "sessions-help": (b"?",),
    "session-charts": (ESCAPE, ENTER),
    "session-parameters": (b"3",),
    "session-checkpoints": (b"4",),
    "session-log": (b"5",),
    "session-history": (b"6",),
    "session-images": (b"7",),
    "session-matrix": (b"8",),
    "session-outliers": (b"9",),
    "session-model": (b"2",),
    "session-help": (b"?",),
    "study": (ESCAPE, b"q", b"j", b"s"),
    "data": (b"q", b"I"),
    "devices": (b"q", b"d"),
    "compare": (b"q", b" ", b"j", b" ", b"j", b" ", b"c"),
    "form": (b"q", b"n"),
    "form-help": (F1,),
}
"""Names of golden files, and the keys that lead there from the screen before."""
LOADING = "asking for"
"""In sight while a process loads torch to describe a model."""
SETTLED_S = 2.0
"""How long a screen stays the same before it is written as a golden file."""


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    # pytest's own folders have names of different lengths, which would move what follows them.
    folder = Path(tempfile.mkdtemp(prefix="mt-"))
    made = unpack(folder)
    yield made
    assert mnist_tui(made, "supervisor", "stop").returncode == 0
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recorded machine whose readings never change."""
    header, reading, *_ = FOUR_GPUS.read_text().splitlines(keepends=True)
    path = tmp_path_factory.mktemp("recording") / "four_gpus.jsonl"
    path.write_text(header + reading * 2)
    return path


@pytest.mark.parametrize("size", SIZES)
def test_the_screens_show_what_they_always_did(
    size: str, home: Home, recording: Path, request: pytest.FixtureRequest
) -> None:
    columns, rows = map(int, size.split("x"))
    folder = home.path.parent
    command = [*COMMAND, "--home", str(home.path), "--data-dir", str(folder / "data")]
    env = steady(
        COLORTERM="truecolor", XDG_CONFIG_HOME="/nonexistent", XDG_STATE_HOME=str(folder / size)
    )
    differences = []
    with Terminal(
        [*command, "--devices-from", str(recording)], env, columns=columns, rows=rows
    ) as terminal:
        terminal.await_text("8 finished")
        for name, keys in TOUR.items():
            terminal.keys(*keys)
            path = FOLDER / "screens" / size / f"{name}.txt"
            if request.config.getoption("--update-golden"):
                renew(path, _settled(terminal, folder))
                continue
            differences += difference(path, _awaited(terminal, folder, path.read_text()))
    if differences:
        pytest.fail("\n".join(differences), pytrace=False)


def _shown(terminal: Terminal, folder: Path) -> str:
    """Return the screen without the history of devices, which grows with time."""
    lines = (re.sub(r" [▁-█]+ *$", "", line).rstrip() for line in terminal.display())
    return masked("".join(f"{line}\n" for line in lines), folder)


def _awaited(terminal: Terminal, folder: Path, expected: str) -> str:
    """Return what the screen shows once it is as expected, or after a while."""
    with suppress(AssertionError):
        wait_until(lambda: _shown(terminal, folder) == expected, "the screen is as expected", 10)
    return _shown(terminal, folder)


def _settled(terminal: Terminal, folder: Path) -> str:
    shown, since = "", time.monotonic()
    while time.monotonic() < since + SETTLED_S:
        if (now := _shown(terminal, folder)) != shown or LOADING in now:
            shown, since = now, time.monotonic()
        time.sleep(0.05)
    return shown
