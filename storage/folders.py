"""Session folders: creation, the copy of the record inside, and the trash."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from mnist_tui.storage.atomic import reason, sync_folder, write_atomic
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.lines import UNREADABLE, require_known_format
from mnist_tui.storage.records import RECORD_FORMAT, SessionRecord

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from mnist_tui.storage.home import Home

# The files of one session, as in `home.session(7) / METRICS`.
SESSION_COPY = "session.json"
METRICS = "metrics.jsonl"
HISTORY = "history.jsonl"
CHECKPOINTS = "checkpoints"
WORKER_LOG = "worker.log"
WORKER_LOCK = "worker.lock"
WHEREABOUTS = "whereabouts"
EVALUATION = "evaluation"
OUTLIERS = "outliers"
SAMPLES = "samples.npz"
PROFILE = "profile.json"
PROFILE_TRACE = "profile-trace.json"

PRIVATE_FOLDER = 0o700

_SESSION_ID = re.compile(r"[1-9][0-9]{0,17}")
_TRASHED = re.compile(r"([1-9][0-9]{0,17})(-[0-9]+)?")

_decoder = msgspec.json.Decoder(SessionRecord)


@dataclass
class SessionCopies:
    """Records read from the session folders."""

    records: dict[int, SessionRecord] = field(default_factory=dict)
    unreadable: list[Path] = field(default_factory=list)
    """Copies that are missing or damaged."""


def make_session_folder(home: Home, session_id: int) -> Path:
    """Make the folder of a new session and return it.

    Raises:
        StorageError: It exists already or cannot be made.
    """
    folder = home.session(session_id)
    try:
        folder.mkdir(mode=PRIVATE_FOLDER)
        try:
            sync_folder(home.path)
        except OSError:
            discard_empty_folder(home, session_id)
            raise
    except OSError as error:
        raise StorageError(
            f"The session folder {folder} cannot be made ({reason(error)});"
            " make room or set the permissions of its parent, then try again."
        ) from error
    return folder


def discard_empty_folder(home: Home, session_id: int) -> None:
    """Remove the folder of a session that was never made; one that holds anything stays."""
    with contextlib.suppress(OSError):
        home.session(session_id).rmdir()


def has_session_copy(home: Home, session_id: int) -> bool:
    """Return True if the session's folder holds a copy of its record."""
    return (home.session(session_id) / SESSION_COPY).exists()


def write_session_copy(home: Home, record: SessionRecord) -> None:
    """Put a copy of the record into its session's folder, from which a registry can be rebuilt.

    Raises:
        StorageError: It cannot be written; the copy before it is still there.
    """
    path = home.session(record.id) / SESSION_COPY
    try:
        write_atomic(path, msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written ({reason(error)}); check the disk and the folder."
        ) from error


def read_session_copies(home: Home, ids: Iterable[int] | None = None) -> SessionCopies:
    """Return the records in the folders of the sessions `ids`, or of all, writing nothing.

    Raises:
        StorageError: A copy was written by a newer version.
    """
    copies = SessionCopies()
    for session_id in session_ids(home) if ids is None else ids:
        path = home.session(session_id) / SESSION_COPY
        record = _read_copy(path)
        if record is None or record.id != session_id:
            copies.unreadable.append(path)
        else:
            copies.records[session_id] = record
    return copies


def session_ids(home: Home) -> list[int]:
    """Return the IDs of all session folders in `home`, in order."""
    return sorted(int(name) for name in _folders(home.path) if _SESSION_ID.fullmatch(name))


def trashed_ids(home: Home) -> set[int]:
    """Return the IDs of the sessions in the trash."""
    matches = (_TRASHED.fullmatch(name) for name in _folders(home.trash))
    return {int(match[1]) for match in matches if match}


def move_to_trash(home: Home, session_id: int) -> Path:
    """Move a session's folder into the trash and return where it is now.

    A folder that is gone already leaves an empty one there, so that its ID stays taken.

    Raises:
        StorageError: It cannot be moved; it is where it was.
    """
    folder = home.session(session_id)
    try:
        home.trash.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        target = unused_path(home.trash / str(session_id))
        try:
            folder.rename(target)
        except FileNotFoundError:
            target.mkdir(mode=PRIVATE_FOLDER)
        try:
            sync_folder(home.trash)
            sync_folder(home.path)
        except OSError:
            target.rename(folder)
            raise
    except OSError as error:
        raise StorageError(
            f"The session folder {folder} cannot be moved to the trash ({reason(error)});"
            f" check the permissions of {home.path}."
        ) from error
    return target


def unused_path(path: Path) -> Path:
    """Return `path`, or where that is taken the first free `path-2`, `path-3`, …."""
    number = 1
    candidate = path
    while candidate.exists() or candidate.is_symlink():
        number += 1
        candidate = path.with_name(f"{path.name}-{number}")
    return candidate


def _read_copy(path: Path) -> SessionRecord | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    require_known_format(path, content, RECORD_FORMAT)
    try:
        return _decoder.decode(content)
    except UNREADABLE:
        return None


def _folders(parent: Path) -> list[str]:
    try:
        return [entry.name for entry in parent.iterdir() if entry.is_dir()]
    except FileNotFoundError:
        return []
