"""Messages of the application: facts, in the past tense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.parameters.image_sources import OutlierSource
    from mnist_tui.training.protocol.messages import Event
    from mnist_tui.training.sessions.lifecycle import Trigger


@dataclass
class Connected(Message):
    """The supervisor sent all sessions."""

    records: list[SessionRecord]


@dataclass
class Disconnected(Message):
    """The supervisor cannot be reached; the link keeps trying."""

    sentence: str


@dataclass
class EventReceived(Message):
    """The supervisor reported a change."""

    event: Event


@dataclass
class CursorMoved(Message):
    """The user chose another session."""

    session_id: int


@dataclass
class SessionOpened(Message):
    """The user opened a session."""

    session_id: int


@dataclass
class SessionsCompared(Message):
    """The user requested a comparison of sessions."""

    session_ids: tuple[int, ...]


@dataclass
class ChangeRequested(Message):
    """The user requested a state change of sessions, and confirmed it if necessary."""

    session_ids: tuple[int, ...]
    trigger: Trigger


@dataclass
class LabelRequested(Message):
    """The user gave sessions a name, tags, a note or a pin."""

    session_ids: tuple[int, ...]
    labels: dict[str, Any]


@dataclass
class SnapshotRequested(Message):
    """The user requested a named checkpoint."""

    session_id: int
    name: str


@dataclass
class EvaluationRequested(Message):
    """The user requested an evaluation."""

    session_id: int


@dataclass
class OutliersRequested(Message):
    """The user requested an outlier test."""

    session_id: int
    source: OutlierSource


@dataclass
class MoveRequested(Message):
    """The user moved a session in the queue; negative places are sooner."""

    session_id: int
    places: int


@dataclass
class FormRequested(Message):
    """The user opened the form for a new session or a clone."""

    clone_of: SessionRecord | None = None


@dataclass
class DevicesOpened(Message):
    """The user opened the devices screen."""


@dataclass
class DataOpened(Message):
    """The user opened the dataset of a session, or of a form."""

    title: str
    data_dir: Path
    parameters: Mapping[str, Any]
    """Of the session, by name."""


@dataclass
class StudyOpened(Message):
    """The user opened a run of a study."""

    run: str


@dataclass
class ViewChanged(Message):
    """The user changed view settings, which are to be saved."""


@dataclass
class ThemeChosen(Message):
    """The user chose another theme."""

    name: str
