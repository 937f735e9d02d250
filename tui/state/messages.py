"""What the parts of the screen tell each other; facts, in the past tense."""

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
    """The supervisor answered with all sessions."""

    records: list[SessionRecord]


@dataclass
class Disconnected(Message):
    """The supervisor is not there; the link keeps trying."""

    sentence: str


@dataclass
class EventReceived(Message):
    """The supervisor told of a change."""

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
    """The user wants to see sessions beside each other."""

    session_ids: tuple[int, ...]


@dataclass
class ChangeRequested(Message):
    """The user asked something of sessions, and confirmed it where that is asked."""

    session_ids: tuple[int, ...]
    trigger: Trigger


@dataclass
class LabelRequested(Message):
    """The user gave sessions a name, tags, a note or a pin."""

    session_ids: tuple[int, ...]
    labels: dict[str, Any]


@dataclass
class SnapshotRequested(Message):
    """The user wants a named checkpoint kept."""

    session_id: int
    name: str


@dataclass
class EvaluationRequested(Message):
    """The user wants the test images scored now."""

    session_id: int


@dataclass
class OutliersRequested(Message):
    """The user wants images of no digit shown to a model."""

    session_id: int
    source: OutlierSource


@dataclass
class MoveRequested(Message):
    """The user moved a session in the queue; negative places are sooner."""

    session_id: int
    places: int


@dataclass
class FormRequested(Message):
    """The user wants to make a session, perhaps like another one."""

    clone_of: SessionRecord | None = None


@dataclass
class DevicesOpened(Message):
    """The user wants to see the devices."""


@dataclass
class DataOpened(Message):
    """The user wants to see the images that a session learns from, or would."""

    title: str
    data_dir: Path
    parameters: Mapping[str, Any]
    """Of the session, by name."""


@dataclass
class StudyOpened(Message):
    """The user wants to see a run of a study."""

    run: str


@dataclass
class ViewChanged(Message):
    """The user looks at things in another way, which is to be remembered."""


@dataclass
class ThemeChosen(Message):
    """The user wants other colours."""

    name: str
