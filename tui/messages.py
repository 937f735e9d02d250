"""What the parts of the screen tell each other; facts, in the past tense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from storage.records import SessionRecord
    from training.lifecycle import Trigger
    from training.protocol import Event


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
class ChangeRequested(Message):
    """The user asked something of a session, and confirmed it where that is asked."""

    session_id: int
    trigger: Trigger
