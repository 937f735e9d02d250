"""Somebody at a terminal: presses keys, waits for what they show, reads it off the screen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mnist_tui.training.parameters.hyperparameters import FIELDS, applicable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.system.terminal import Terminal

ENTER, ESCAPE, DOWN, F2, CTRL_R, CTRL_U = "\r", "\x1b", "\x1b[B", "\x1bOQ", "\x12", "\x15"
MODEL, OPTIMIZER = "cnn", "adam"
"""What the form says at first."""
PRESET, NAME = "preset", "name"
OWN = {"dataset": "own_dataset", "model": "own_model"}
"""The fields below these, where one's own are named."""
SCALE = re.compile(r"[\d.]+k?%?[┤+]")
"""A mark of a chart's upright axis, with Unicode and without."""
EPOCH = re.compile(r"(\d+(?:\.\d+)?)/\d+")


class Traveller:
    """Drives one screen of mnist-tui with keys alone and knows only what is in sight."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    def press(self, *keys: str) -> None:
        """Press keys; a text of several is typed at once, as fast fingers do."""
        self.terminal.keys(*(key.encode() for key in keys))

    def sees(self, *texts: str) -> bool:
        """Return whether all texts are in sight, wherever lines are broken."""
        shown = self.words()
        return all(text in shown for text in texts)

    def await_sight(self, *texts: str) -> None:
        """Wait until all texts are in sight."""
        self.terminal.await_screen(lambda _: self.sees(*texts), f"{texts} are in sight")

    def await_no_sight(self, text: str) -> None:
        """Wait until a text is out of sight."""
        self.terminal.await_screen(lambda _: not self.sees(text), f"{text!r} is out of sight")

    def words(self) -> str:
        """Return everything in sight with single blanks, wherever lines are broken."""
        return " ".join(" ".join(self.terminal.display()).split())

    def row(self, session_id: int) -> str:
        """Return a session's row in the table; empty where it is not listed."""
        return next((line for line in self._table() if _id_of(line) == session_id), "")

    def listed(self) -> list[int]:
        """Return the sessions of the table in the order in which they stand there."""
        return [found for line in self._table() if (found := _id_of(line)) is not None]

    def epoch(self, session_id: int) -> float:
        """Return how many epochs the table says a session has trained; 0 where it says none."""
        found = EPOCH.search(self.row(session_id))
        return float(found[1]) if found else 0.0

    def await_row(self, session_id: int, *texts: str) -> None:
        """Wait until a session's row says all texts."""
        self.terminal.await_screen(
            lambda _: all(text in self.row(session_id) for text in texts),
            f"the row of #{session_id} says {texts}",
        )

    def await_epoch(self, session_id: int, epochs: float) -> None:
        """Wait until the table says that a session has trained more than so many epochs."""
        self.terminal.await_screen(
            lambda _: self.epoch(session_id) > epochs, f"#{session_id} is past epoch {epochs}"
        )

    def await_training(self, session_id: int) -> None:
        """Wait until a row is seen to run and its figures to move."""
        self.await_row(session_id, "running")
        self.await_epoch(session_id, self.epoch(session_id))

    def await_moving_chart(self) -> None:
        """Wait until the charts in sight have curves, and then until these have gone on."""
        self.terminal.await_screen(lambda _: _has_curves(self._charts()), "there are curves")
        before = self._charts()
        self.terminal.await_screen(
            lambda _: _has_curves(self._charts()) and self._charts() != before, "curves go on"
        )

    def go_to(self, session_id: int) -> None:
        """Put the cursor on a session by its number."""
        self.press(str(session_id))
        self.await_sight(f"go to # {session_id}")
        self.press(ENTER)
        self.await_no_sight("go to #")
        self.terminal.await_screen(
            lambda _: self.row(session_id).startswith(("▌", "|", ">")),
            f"the cursor is on #{session_id}",
        )

    def answer(self, key: str, asks: str, text: str) -> None:
        """Press a key that asks for a line of text and answer it instead of what stands there."""
        self.press(key)
        self.await_sight(asks)
        self.press(CTRL_U, text)
        self.await_sight(f"{asks} {text}")
        self.press(ENTER)
        self.await_no_sight(f"{asks} {text}")

    def fill_in(self, **texts: str) -> None:
        """Go down the form from its top, type into some fields and read what they then say."""
        self.press(F2)
        self.await_sight("Left and right choose")
        fields, at = _fields(), 0
        for name, text in sorted(texts.items(), key=lambda item: fields.index(item[0])):
            place = fields.index(name)
            self.press(*filter(None, (DOWN * (place - at),)), CTRL_U, text)
            self._await_field(name.replace("_", " "), text)
            at = place

    def _await_field(self, label: str, text: str) -> None:
        self.terminal.await_screen(
            lambda _: self._field(label)[:1] == [text], f"the field {label} says {text}"
        )

    def make(self, **texts: str) -> None:
        """Make a session: open the form, fill it in, start it, be told so."""
        self.press("n")
        self.await_sight("New session", "weights, checkpoint")
        self.fill_in(**texts)
        self.press(CTRL_R)
        self.await_sight(f"{texts[NAME]} is starting.")

    def leave(self) -> str:
        """Leave with q and return what then stands in the terminal."""
        self.press("q")
        self.terminal.wait_for_end()
        assert self.terminal.process.returncode == 0
        return self.terminal.output.rpartition(b"\x1b[?1049l")[2].decode()

    def _table(self) -> Sequence[str]:
        lines = self.terminal.display()
        top = next((y for y, line in enumerate(lines) if " NAME " in line), len(lines))
        return lines[top + 1 : self._chart_top(lines)]

    def _charts(self) -> list[str]:
        lines = self.terminal.display()
        # The last lines are the keys, and above them what is said for a moment.
        return lines[self._chart_top(lines) : -2]

    def _chart_top(self, lines: Sequence[str]) -> int:
        return next((y for y, line in enumerate(lines) if line.startswith(" loss ")), len(lines))

    def _field(self, label: str) -> list[str]:
        """Return the words in the line of a field, after its name."""
        start = f" {label} "
        line = next((line for line in self.terminal.display() if line.startswith(start)), "")
        return line.removeprefix(start).split()


def _id_of(line: str) -> int | None:
    found = re.match(r"[▌|>]?[ *]*(\d+)  ", line)
    return int(found[1]) if found else None


def _has_curves(lines: Sequence[str]) -> bool:
    return any(SCALE.search(line) and SCALE.sub("", line).strip(" │|") for line in lines)


def _fields() -> list[str]:
    """Return the fields that the keys go through, in order."""
    meaningful = applicable(MODEL, OPTIMIZER)
    named = ((name, OWN.get(name)) for name in FIELDS if name in meaningful)
    return [PRESET, NAME, *(name for names in named for name in names if name)]
