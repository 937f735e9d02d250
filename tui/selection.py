"""Which sessions the words after a command mean: IDs, unique names and selectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from storage.records import SessionState
from tui.inert import inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storage.home import Home
    from storage.records import SessionRecord

STATE_PREFIX = "state:"
HELD = "held"
"""A queued session that waits for `release`; told apart because people ask for it."""


def select(
    records: Sequence[SessionRecord], words: Iterable[str], home: Home
) -> list[SessionRecord]:
    """Return the sessions that `words` mean, each once, in the order of the words.

    Raises:
        click.ClickException: A word means no session, or a name means several.
    """
    found: dict[int, SessionRecord] = {}
    for word in words:
        for record in _meant_by(records, word, home):
            found[record.id] = record
    return list(found.values())


def select_one(records: Sequence[SessionRecord], word: str, home: Home) -> SessionRecord:
    """Return the one session that `word` means.

    Raises:
        click.ClickException: It means none or several.
    """
    meant = select(records, [word], home)
    if len(meant) != 1:
        raise click.ClickException(
            f"{inert(word)} means {len(meant)} sessions; give one ID from `mnist-tui ls`."
        )
    return meant[0]


def filter_records(records: Iterable[SessionRecord], text: str | None) -> list[SessionRecord]:
    """Return the sessions in a state (`state:running`) or with `text` in their name.

    Raises:
        click.ClickException: There is no such state.
    """
    if not text:
        return list(records)
    if text.startswith(STATE_PREFIX):
        return _in_state(records, text)
    return [record for record in records if text.casefold() in record.name.casefold()]


def _meant_by(records: Sequence[SessionRecord], word: str, home: Home) -> list[SessionRecord]:
    if word.startswith(STATE_PREFIX):
        return _in_state(records, word)
    digits = word.removeprefix("#")
    if digits.isascii() and digits.isdigit():
        meant = [record for record in records if str(record.id) == (digits.lstrip("0") or "0")]
    else:
        meant = [record for record in records if record.name == word]
    if not meant:
        raise click.ClickException(
            f"There is no session {inert(_shown(word), 80)} in {inert(home.path)};"
            " `mnist-tui ls` lists those there are."
        )
    if len(meant) > 1:
        ids = ", ".join(f"#{record.id}" for record in meant)
        raise click.ClickException(
            f"{len(meant)} sessions are called {inert(word, 80)} ({inert(ids, 80)}); give an ID."
        )
    return meant


def _shown(word: str) -> str:
    return f"#{word}" if word.isdigit() else word


def _in_state(records: Iterable[SessionRecord], selector: str) -> list[SessionRecord]:
    state = selector.removeprefix(STATE_PREFIX).strip().lower()
    known = [*(known.value for known in SessionState), HELD]
    if state not in known:
        raise click.ClickException(
            f"There is no state {inert(repr(state), 40)}; the states are {', '.join(known)}."
        )
    if state == HELD:
        return [record for record in records if record.is_held]
    return [record for record in records if record.state == state]
