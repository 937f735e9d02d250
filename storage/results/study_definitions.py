"""Definitions of study runs: one file per run, written once by the supervisor.

Which sessions belong to a run stands in their records; a lost file costs the published figures
beside them, and nothing else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from mnist_tui.storage.atomic import reason, write_atomic
from mnist_tui.storage.errors import StorageError, failure
from mnist_tui.storage.folders import PRIVATE_FOLDER
from mnist_tui.storage.lines import UNREADABLE, require_known_format
from mnist_tui.storage.records import utc_now

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from mnist_tui.storage.home import Home

STUDY_FORMAT = 1
MAX_RUN_NAME = 40
MAX_NUMBER = 10_000
_RUN_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{MAX_RUN_NAME - 1}}}")
_SUFFIX = ".json"


class StudyRun(Struct, frozen=True, kw_only=True):
    """One run of a study."""

    run: str
    definition: dict[str, Any]
    """`training.studies.study_definition.Study` as plain types."""
    left_out: dict[str, str] = {}
    """Reason why a row has no sessions, by its label."""
    created_at: str
    format: int = STUDY_FORMAT


def check_run_name(text: str) -> str:
    """Return `text`, if it is fit to name a run: it is a file's name and a word of filters.

    Raises:
        ValueError: It is not; the text says what is.
    """
    if not _RUN_NAME.fullmatch(text):
        raise ValueError(
            f"the name of a study has 1 to {MAX_RUN_NAME} letters, digits, hyphens, dots or"
            " underscores and begins with a letter or digit"
        )
    return text


def keep_run(
    home: Home,
    name: str,
    definition: dict[str, Any],
    left_out: dict[str, str],
    *,
    taken: Collection[str],
    is_numbered: bool,
) -> str:
    """Store what a new run is made by, durably, and return its name.

    Args:
        home: Where; only its supervisor may call this.
        name: The name wanted.
        definition: The study as plain types.
        left_out: Why a row has no sessions, by its label.
        taken: Names of other runs; what nothing came of is written over.
        is_numbered: Whether a taken name gets a number rather than being refused.

    Raises:
        StorageError: The name is no name or taken, or the file could not be written.
    """
    try:
        check_run_name(name)
    except ValueError as error:
        raise StorageError(f"Nothing was made: {error}.") from None
    in_use = {each.casefold() for each in taken}  # also the file's name on macOS
    wanted = name
    for number in range(2, MAX_NUMBER):
        if name.casefold() not in in_use:
            break
        if not is_numbered:
            raise StorageError(f"There is a study {name} in {home.path} already; choose --name.")
        end = f"-{number}"
        name = wanted[: MAX_RUN_NAME - len(end)] + end
    kept = StudyRun(run=name, definition=definition, left_out=left_out, created_at=utc_now())
    path = _path(home, name)
    try:
        home.studies.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        write_atomic(path, msgspec.json.encode(kept) + b"\n")
    except OSError as error:
        raise failure(
            error, f"{path} cannot be written ({reason(error)}); check the disk and the folder."
        ) from error
    return name


def read_run(home: Home, name: str) -> StudyRun | None:
    """Return what a run was made by; None if that is not known or damaged.

    Raises:
        StorageError: It cannot be read or a newer version wrote it.
    """
    path = _path(home, name)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(
            f"{path} cannot be read ({reason(error)}); check its permissions."
        ) from error
    require_known_format(path, content, STUDY_FORMAT)
    try:
        kept = _decoder.decode(content)
    except UNREADABLE:
        return None
    return kept if kept.run == name else None


def _path(home: Home, name: str) -> Path:
    return home.studies / f"{name}{_SUFFIX}"


_decoder = msgspec.json.Decoder(StudyRun)
