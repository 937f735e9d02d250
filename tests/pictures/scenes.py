"""The scenes of the pictures: what is pressed to come there, and what has to be in sight."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.system.command import COMMAND, environment
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.pictures.night import Night

FOUR_GPUS = Path(__file__).parents[1] / "data" / "four_gpus.jsonl"
COLUMNS = 120
ENTER, UP, DOWN, BACKSPACE = b"\r", b"\x1b[A", b"\x1b[B", b"\x7f"
STILL_S = 0.6
"""After this long without output, all that was asked for is drawn."""
POLL_S = 0.05
PATIENCE_S = 3.0
"""Where sessions train, a screen never comes to rest; after so long all has been read."""
MAX_FIELDS = 40
MIDDLE = COLUMNS // 2


class Scene(NamedTuple):
    """One picture."""

    name: str
    title: str
    rows: int
    act: Callable[[Terminal, Night], None]
    options: tuple[str, ...] = ()


@contextmanager
def screen_of(night: Night, scene: Scene) -> Iterator[Terminal]:
    """Open the program in a terminal and lead it to the scene."""
    env = environment(
        HOME=night.folder,
        MNIST_TUI_HOME=night.workspace.home.path,
        MNIST_TUI_DATA=night.workspace.data_dir,
        XDG_CONFIG_HOME=night.folder / "config",
        XDG_STATE_HOME=night.folder / "state" / scene.name,
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
    """Read until nothing comes any more, or until what was asked for must have come."""
    now = time.monotonic()
    last, end = now, now + PATIENCE_S
    while now - last < STILL_S and now < end:
        if terminal.read(POLL_S):
            last = time.monotonic()
        now = time.monotonic()


def _press_alone(terminal: Terminal, key: bytes, said: str) -> None:
    """Press a key and wait until what the program says about it is gone again."""
    terminal.keys(key)
    terminal.await_text(said)
    terminal.await_screen(lambda shown: said not in shown, f"{said!r} is gone")
    _settle(terminal)


def _sessions(terminal: Terminal, night: Night) -> None:
    _go_to(terminal, night, "steps-down")
    night.reach_share("steps-down", 0.6)
    _settle(terminal)


def _session(terminal: Terminal, night: Night) -> None:
    _go_to(terminal, night, "steps-down")
    terminal.keys(ENTER)
    night.reach_share("steps-down", 0.9)
    _press_alone(terminal, b"v", "loss: logarithmic scale")


def _confusion(terminal: Terminal, night: Night) -> None:
    _go_to(terminal, night, "baseline")
    terminal.keys(ENTER)
    terminal.await_text("1 charts")
    terminal.keys(b"8")
    terminal.await_text("taken for")
    _settle(terminal)


def _outliers(terminal: Terminal, night: Night) -> None:
    _go_to(terminal, night, "baseline")
    terminal.keys(ENTER)
    terminal.await_text("1 charts")
    terminal.keys(b"O")
    terminal.await_text("show #")
    terminal.keys(ENTER)
    terminal.await_text("the program draws.")
    terminal.await_screen(lambda shown: "the program draws." not in shown, "no word about it")
    terminal.keys(b"l", b"l", b"l", b"l")
    terminal.await_text("5 of 16")
    _settle(terminal)


def _compare(terminal: Terminal, night: Night) -> None:
    for name in ("sgd-slow", "lr 0.1", "baseline"):
        _go_to(terminal, night, name)
        terminal.keys(b" ")
    terminal.keys(b"c")
    terminal.await_text("validation accuracy")
    _press_alone(terminal, b"t", "curves: train")
    _press_alone(terminal, b"v", "loss: logarithmic scale")


def _form(terminal: Terminal, night: Night) -> None:
    _go_to(terminal, night, "sgd-slow")
    terminal.keys(b"C")
    terminal.await_text("lenet: ")
    _move_to_field(terminal, "name", UP)
    _write(terminal, "sgd", len("sgd-slow-copy"))
    _move_to_field(terminal, "learning rate", DOWN)
    _write(terminal, "0.1,0.01", len("0.01"))
    terminal.await_text("first of 2")
    _settle(terminal)


def _move_to_field(terminal: Terminal, name: str, key: bytes) -> None:
    """Press an arrow until what a field means stands beside the form."""
    for _ in range(MAX_FIELDS):
        if any(f"{name}  " in line[MIDDLE:] for line in terminal.display()):
            return
        terminal.keys(key)
        _settle(terminal)
    raise AssertionError(f"there is no field {name}:\n" + "\n".join(terminal.display()))


def _write(terminal: Terminal, text: str, num_old: int) -> None:
    terminal.keys(*[BACKSPACE] * num_old, *(letter.encode() for letter in text))


def _devices(terminal: Terminal, night: Night) -> None:
    terminal.keys(b"d")
    _settle(terminal)


def _help(terminal: Terminal, night: Night) -> None:
    _go_to(terminal, night, "wide-kernels")
    terminal.keys(b"?")
    _settle(terminal)


DEVICES = Scene("devices", "Devices", 36, _devices, ("--devices-from", str(FOUR_GPUS)))
SCENES = (
    Scene("sessions", "All sessions, and the curves of the selected one", 36, _sessions),
    DEVICES,
    Scene("form", "The form for a new session", 36, _form),
    Scene("help", "The keys of the list of sessions", 36, _help),
    Scene("compare", "Three sessions compared", 40, _compare),
    Scene("confusion", "What a model takes for something else", 36, _confusion),
    Scene("outliers", "What a model takes letters for", 36, _outliers),
    Scene("session", "A session with its curves and events", 36, _session),
)
"""In the order in which they are taken."""
