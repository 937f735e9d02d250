"""Messages from the supervisor to its clients, and the encoding of all: a JSON object per line.

Events are past tense. Nothing here reads or writes.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

from mnist_tui.storage.records import SessionRecord

PROTOCOL_VERSION = 7
ANY_VERSION = 0
"""Version of a client that sends nothing but a shutdown, which every version understands."""
MAX_REQUEST_BYTES = 64 * 1024
MAX_REPLY_BYTES = 64 * 1024 * 1024


class ProtocolError(ValueError):
    """A line that is not a message of this protocol; the text gives the reason."""


class Reply(Struct, frozen=True, kw_only=True, tag="reply"):
    """Reply to one request: a payload, or a refusal in one sentence."""

    id: int
    payload: Any = None
    refusal: str | None = None
    problems: list[tuple[str, str]] = []
    """(field, sentence) of each refused parameter."""


class SessionChanged(Struct, frozen=True, kw_only=True, tag="session_changed"):
    """A record was created or changed."""

    record: SessionRecord


class SessionRemoved(Struct, frozen=True, kw_only=True, tag="session_removed"):
    """A session was moved to the trash."""

    session_id: int


class TaskProgressed(Struct, frozen=True, kw_only=True, tag="task_progressed"):
    """A task for a request of this client made progress."""

    text: str


class SupervisorClosing(Struct, frozen=True, kw_only=True, tag="supervisor_closing"):
    """The supervisor is closing; reconnect if there is more to do."""


Event = SessionChanged | SessionRemoved | TaskProgressed | SupervisorClosing


class RecordsTold(Struct, frozen=True, kw_only=True, tag="records_told"):
    """Part of all records, for a client that subscribed to receive them in parts."""

    records: list[SessionRecord]


ServerMessage = Reply | Event | RecordsTold


def session_of(message: ServerMessage) -> int | None:
    """Return the session ID of an event; a newer event of a session supersedes an older one."""
    match message:
        case SessionChanged(record=record):
            return record.id
        case SessionRemoved(session_id=session_id):
            return session_id
        case _:
            return None


class Answer(Struct, frozen=True, kw_only=True, tag="reply"):
    """A reply as clients receive it: the payload stays undecoded until it is needed."""

    id: int
    payload: Raw = Raw(b"null")
    refusal: str | None = None
    problems: list[tuple[str, str]] = []


class WrittenRecords(Struct, frozen=True, kw_only=True, tag="records_told"):
    """`RecordsTold` as clients receive it: each record undecoded."""

    records: list[Raw]


ClientMessage = Answer | Event
SubscriberMessage = ClientMessage | WrittenRecords


Message = TypeVar("Message")

_encoder = msgspec.json.Encoder()
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def encode(message: Struct) -> bytes:
    """Return the message as one line with its newline."""
    return _encoder.encode(message) + b"\n"


def decode(line: bytes, kind: Any) -> Any:
    """Return the message in `line`, one of the union `kind`.

    Raises:
        ProtocolError: The line is not valid JSON or not such a message.
    """
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError(f"bad message ({error})") from error
