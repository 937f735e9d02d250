"""The scenes of the pictures: what is pressed to come there, and what has to be in sight."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.system.command import COMMAND, environment
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.pictures.night import Night

FOUR_GPUS = Path(__file__).parents[1] / "data" / "four_gpus.jsonl"
ENTER, DOWN = b"\r", b"\x1b[B"
STILL_S = 1.5
"""After this long without output, all that was asked for is drawn."""
MAX_WAITS = 6
"""A screen on which sessions train never comes to rest."""


class Scene(NamedTuple):
    """One picture."""

    name: str
    title: str
    rows: int
    act: Callable[[Terminal, Night], None]
    options: tuple[str, ...] = ()


COLUMNS = 120


@contextmanager
def screen_of(night: Night, scene: Scene) -> Iterator[Terminal]:
    """Open the program in a terminal and lead it to the scene."""
    env = environment(
        HOME=night.folder,
        MNIST_TUI_HOME=night.box.home.path,
        MNIST_TUI_DATA=night.box.data_dir,
        XDG_CONFIG_HOME=night.folder / "config",
        XDG_STATE_HOME=night.folder / "state",
        TERM="xterm-256color",
        COLORTERM="truecolor",
    )
    command = [*COMMAND, *scene.options]
    with Terminal(command, env, columns=COLUMNS, rows=scene.rows) as terminal:
        terminal.await_text("baseline")
        scene.act(terminal, night)
        yield terminal


def _go_to(terminal: Terminal, night: Night, name: str) -> None:
    terminal.keys(*(digit.encode() for digit in str(night.ids[name])), ENTER)
    _settle(terminal)


def _settle(terminal: Terminal) -> None:
    for _ in range(MAX_WAITS):
        if not terminal.read(STILL_S):
            return


def _sessions(terminal: Terminal, night: Night) -> None:
    _go_to(terminal, night, "steps-down")


def _session(terminal: Terminal, night: Night) -> None:
    _go_to(terminal, night, "steps-down")
    terminal.keys(ENTER)
    _settle(terminal)


def _compare(terminal: Terminal, night: Night) -> None:
    for name in ("sgd-slow", "lr 0.1", "baseline"):
        _go_to(terminal, night, name)
        terminal.keys(b" ")
    terminal.keys(b"c")
    _settle(terminal)


def _form(terminal: Terminal, night: Night) -> None:
    _go_to(terminal, night, "baseline")
    terminal.keys(b"C")
    terminal.await_text("lenet: ")


def _devices(terminal: Terminal, night: Night) -> None:
    terminal.keys(b"d")
    _settle(terminal)


def _help(terminal: Terminal, night: Night) -> None:
    _go_to(terminal, night, "wide-kernels")
    terminal.keys(b"?")
    _settle(terminal)


SCENES = (
    Scene("sessions", "All sessions, and the curves of the selected one", 36, _sessions),
    Scene("devices", "Devices", 36, _devices, ("--devices-from", str(FOUR_GPUS))),
    Scene("form", "The form for a new session", 36, _form),
    Scene("help", "The keys of the list of sessions", 36, _help),
    Scene("compare", "Three sessions compared", 40, _compare),
    Scene("session", "A session with its curves and events", 36, _session),
)
"""In the order in which they are taken; the last shows a training near its end."""
