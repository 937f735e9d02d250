"""Selection of sessions by the words after a command: IDs, unique names and filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord

_FILTER_SIGNS = ":<>="
"""Characters that occur in filters but not in IDs."""


def select(
    records: Sequence[SessionRecord], words: Iterable[str], home: Home
) -> list[SessionRecord]:
    """Return the sessions that `words` select, each once, in the order of the words.

    Raises:
        click.ClickException: A word selects no session, or a name selects several.
    """
    selected: dict[int, SessionRecord] = {}
    for word in words:
        selected |= {record.id: record for record in _selected_by(records, word, home)}
    return list(selected.values())


def select_one(records: Sequence[SessionRecord], word: str, home: Home) -> SessionRecord:
    """Return the one session that `word` selects.

    Raises:
        click.ClickException: It selects none or several.
    """
    meant = select(records, [word], home)
    if len(meant) != 1:
        raise click.ClickException(
            f"{printable(word)} means {len(meant)} sessions; give one ID from `mnist-tui ls`."
        )
    return meant[0]


def filter_records(records: Iterable[SessionRecord], text: str | None) -> list[SessionRecord]:
    """Return the sessions that match a filter, such as `cnn state:running`; all without a filter.

    Raises:
        click.ClickException: The filter is invalid.
    """
    if not text:
        return list(records)
    from mnist_tui.tui.state.filters import FilterError, parse_filter  # noqa: PLC0415 — 5 ms that IDs save

    try:
        matches = parse_filter(text)
    except FilterError as error:
        raise click.ClickException(
            f"The filter {printable(repr(text), 80)} cannot be used: {printable(error)}."
        ) from error
    return [record for record in records if matches(record)]


def _selected_by(records: Sequence[SessionRecord], word: str, home: Home) -> list[SessionRecord]:
    named = [record for record in records if record.name == word]
    if not named and any(sign in word for sign in _FILTER_SIGNS):
        return filter_records(records, word)
    digits = word.removeprefix("#")
    if digits.isascii() and digits.isdigit():
        meant = [record for record in records if str(record.id) == (digits.lstrip("0") or "0")]
    else:
        meant = named
    if not meant:
        raise click.ClickException(
            f"There is no session {printable(_shown(word), 80)} in {printable(home.path)};"
            " `mnist-tui ls` lists those there are."
        )
    if len(meant) > 1:
        ids = ", ".join(f"#{record.id}" for record in meant)
        raise click.ClickException(
            f"{len(meant)} sessions are called {printable(word, 80)} ({printable(ids, 80)});"
            " give an ID."
        )
    return meant


def _shown(word: str) -> str:
    return f"#{word}" if word.isdigit() else word
