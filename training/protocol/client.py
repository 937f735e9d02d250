"""How a command talks to the supervisor: one blocking connection, requests and replies."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.storage.records import SessionRecord
from mnist_tui.training.protocol.messages import (
    MAX_REPLY_BYTES,
    PROTOCOL_VERSION,
    Answer,
    AnyRequest,
    ClientMessage,
    Event,
    Hello,
    ProtocolError,
    decode,
    encode,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mnist_tui.storage.home import Home

CONNECT_TIMEOUT_S = 5.0
CONNECT_INTERVAL_S = 0.02


class Unreachable(ConnectionError):  # noqa: N818 — a state of affairs, like Refused
    """No supervisor answers; the text is a sentence for the user."""


class Busy(Unreachable):
    """One is there, but does not answer in time: no reason to start another."""


class Refused(Exception):  # noqa: N818 — the supervisor's word for it
    """The supervisor said no; the text is a sentence for the user."""

    def __init__(self, sentence: str, problems: list[tuple[str, str]] | None = None) -> None:
        super().__init__(sentence)
        self.problems = problems or []
        """(field, sentence) of each refused parameter."""


class Client:
    """One connection to the supervisor of a home."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("rb")
        self._next_id = 0

    @classmethod
    def connect(cls, home: Home, *, client: str = "cli", version: int = PROTOCOL_VERSION) -> Client:
        """Return a connection that has said hello.

        Args:
            home: Whose supervisor.
            client: Who asks, for the history.
            version: The protocol spoken; `ANY_VERSION` to ask for nothing but to leave.

        Raises:
            Unreachable: No supervisor listens there.
            Busy: It does not answer in time.
            Refused: It speaks another version.
            StorageError: The home is somebody else's.
        """
        home.require_ours()
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(CONNECT_TIMEOUT_S)
        try:
            _connect(connection, os.fspath(home.socket))
            made = cls(connection)
            made.request(Hello, version=version, client=client)
        except OSError as error:
            connection.close()
            kind = Busy if isinstance(error, BUSY_ERRORS) else Unreachable
            raise kind(why_unreachable(home, error)) from error
        except Refused:
            connection.close()
            raise
        connection.settimeout(None)
        return made

    def request(
        self,
        kind: type[AnyRequest],
        *,
        on_event: Callable[[Event], None] | None = None,
        **fields: Any,
    ) -> Any:
        """Send a request and return the payload of its reply; events meanwhile go to `on_event`.

        Raises:
            Refused: The supervisor said no.
            Unreachable: The connection was lost.
        """
        return msgspec.json.decode(self._ask(kind, on_event, fields))

    def records(self, kind: type[AnyRequest], **fields: Any) -> list[SessionRecord]:
        """Send a request whose reply is a list of records."""
        return msgspec.json.decode(self._ask(kind, None, fields), type=list[SessionRecord])

    def events(self) -> Iterator[Event]:
        """Yield events as they come, until the connection is lost."""
        for message in self._messages():
            if not isinstance(message, Answer):
                yield message

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._connection.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(
        self,
        kind: type[AnyRequest],
        on_event: Callable[[Event], None] | None,
        fields: dict[str, Any],
    ) -> msgspec.Raw:
        """Send a request and return what its reply carries, as it is written."""
        self._next_id += 1
        try:
            self._connection.sendall(encode(kind(id=self._next_id, **fields)))
        except OSError as error:
            raise Unreachable(LOST) from error
        for message in self._messages():
            if isinstance(message, Answer):
                if message.id == self._next_id:
                    return payload_of(message)
            elif on_event:
                on_event(message)
        raise Unreachable(LOST)

    def _messages(self) -> Iterator[Answer | Event]:
        while True:
            try:
                line = self._lines.readline(MAX_REPLY_BYTES)
                if not line.endswith(b"\n"):
                    return
                yield decode(line, ClientMessage)
            except TimeoutError:
                raise
            except (OSError, ProtocolError) as error:
                raise Unreachable(LOST) from error


def _connect(connection: socket.socket, path: str) -> None:
    """Connect, also where so many do that the supervisor's queue is full for a moment."""
    deadline = time.monotonic() + CONNECT_TIMEOUT_S
    while True:
        try:
            return connection.connect(path)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
        time.sleep(CONNECT_INTERVAL_S)


BUSY_ERRORS = (BlockingIOError, TimeoutError)
LOST = "The connection to the supervisor was lost; sessions are safe, try again."


def payload_of(answer: Answer) -> msgspec.Raw:
    """Return what an answer carries, as it is written.

    Raises:
        Refused: It is a refusal.
    """
    if answer.refusal is not None:
        raise Refused(answer.refusal, answer.problems)
    return answer.payload


def as_record(payload: Any) -> SessionRecord:
    """Return the record a payload is."""
    return msgspec.convert(payload, SessionRecord)


def why_unreachable(home: Home, error: OSError) -> str:
    """Return why no connection could be made, as a sentence."""
    if isinstance(error, BUSY_ERRORS):
        return f"The supervisor of {home.path} is busy; try again in a moment."
    if isinstance(error, PermissionError):
        return f"The supervisor of {home.path} belongs to another user; choose --home DIR."
    return f"No supervisor runs for {home.path}."
