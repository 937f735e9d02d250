"""Clients of the supervisor: the protocol without I/O, and the blocking client of the commands."""

from __future__ import annotations

import os
import socket
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.storage.records import SessionRecord
from mnist_tui.training.protocol.messages import (
    MAX_REPLY_BYTES,
    PROTOCOL_VERSION,
    Answer,
    Event,
    ProtocolError,
    SubscriberMessage,
    decode,
    encode,
)
from mnist_tui.training.protocol.requests import AnyRequest, Hello

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mnist_tui.storage.home import Home

CONNECT_TIMEOUT_S = 5.0
CONNECT_INTERVAL_S = 0.02
CHUNK_BYTES = 64 * 1024
BUSY_ERRORS = (BlockingIOError, TimeoutError)
LOST = "The connection to the supervisor was lost; sessions are safe, try again."


class Unreachable(ConnectionError):  # noqa: N818 — a state of affairs, like Refused
    """No supervisor answers; the text is a sentence for the user."""


class Busy(Unreachable):
    """A supervisor is running but does not answer in time: no reason to start another."""


class Refused(Exception):  # noqa: N818 — the term of the protocol
    """The supervisor refused a request; the text is a sentence for the user."""

    def __init__(self, sentence: str, problems: list[tuple[str, str]] | None = None) -> None:
        super().__init__(sentence)
        self.problems = problems or []
        """(field, sentence) of each refused parameter."""


class ClientCore:
    """The protocol of one connection: framing, numbering, and matching replies to requests.

    It performs no I/O: `Client` and `AsyncClient` move the bytes.
    """

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque()
        self._rest: list[bytes] = []
        """Chunks of a line whose end has not arrived yet."""
        self._num_rest_bytes = 0
        self._next_id = 0
        self._pending: dict[int, Callable[[Answer], object]] = {}

    def request(
        self, kind: type[AnyRequest], fields: dict[str, Any], on_answer: Callable[[Answer], object]
    ) -> bytes:
        """Return the bytes of a request; `next_message` passes its reply to `on_answer`."""
        self._next_id += 1
        line = encode(kind(id=self._next_id, **fields))
        self._pending[self._next_id] = on_answer
        return line

    def feed(self, chunk: bytes) -> None:
        """Take bytes from the supervisor.

        Raises:
            ProtocolError: A line is longer than any reply.
        """
        *lines, rest = chunk.split(b"\n")
        for line in lines:
            self._lines.append(b"".join([*self._rest, line]))
            self._rest.clear()
            self._num_rest_bytes = 0
        self._rest.append(rest)
        self._num_rest_bytes += len(rest)
        if self._num_rest_bytes > MAX_REPLY_BYTES:
            raise ProtocolError("bad message (too long)")

    def next_message(self) -> SubscriberMessage | None:
        """Return the next message, a matched answer included; None until more bytes arrive.

        Raises:
            ProtocolError: A line is no message of this protocol.
        """
        if not self._lines:
            return None
        message: SubscriberMessage = decode(self._lines.popleft(), SubscriberMessage)
        if isinstance(message, Answer) and (on_answer := self._pending.pop(message.id, None)):
            on_answer(message)
        return message


def payload_of(answer: Answer) -> msgspec.Raw:
    """Return the payload of an answer, as it was written.

    Raises:
        Refused: It is a refusal.
    """
    if answer.refusal is not None:
        raise Refused(answer.refusal, answer.problems)
    return answer.payload


def as_record(payload: Any) -> SessionRecord:
    """Return the record in a payload."""
    return msgspec.convert(payload, SessionRecord)


def unreachable(home: Home, error: OSError) -> Unreachable:
    """Return the error to raise for a connection that could not be made, in a sentence."""
    if isinstance(error, BUSY_ERRORS):
        return Busy(f"The supervisor of {home.path} is busy; try again in a moment.")
    if isinstance(error, PermissionError):
        return Unreachable(
            f"The supervisor of {home.path} belongs to another user; choose --home DIR."
        )
    return Unreachable(f"No supervisor runs for {home.path}.")


class Client:
    """A blocking connection to the supervisor of a home."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._core = ClientCore()

    @classmethod
    def connect(cls, home: Home, *, client: str = "cli", version: int = PROTOCOL_VERSION) -> Client:
        """Return a connection after the exchange of hello.

        Args:
            home: The home of the supervisor.
            client: The name of this client in the history.
            version: The protocol version; `ANY_VERSION` for shutdown alone.

        Raises:
            Unreachable: No supervisor listens there.
            Busy: It does not answer in time.
            Refused: It speaks another version.
            StorageError: The home belongs to another user.
        """
        home.require_ours()
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(CONNECT_TIMEOUT_S)
        try:
            _connect(connection, os.fspath(home.socket))
            connected = cls(connection)
            connected.request(Hello, version=version, client=client)
        except OSError as error:
            connection.close()
            raise unreachable(home, error) from error
        except Refused:
            connection.close()
            raise
        connection.settimeout(None)
        return connected

    def request(
        self,
        kind: type[AnyRequest],
        *,
        on_event: Callable[[Event], None] | None = None,
        **fields: Any,
    ) -> Any:
        """Send a request and return the payload of its reply; events meanwhile go to `on_event`.

        Raises:
            Refused: The supervisor refused it.
            Unreachable: The connection was lost.
        """
        return msgspec.json.decode(self._payload(kind, on_event, fields))

    def records(self, kind: type[AnyRequest], **fields: Any) -> list[SessionRecord]:
        """Send a request whose reply is a list of records."""
        return msgspec.json.decode(self._payload(kind, None, fields), type=list[SessionRecord])

    def events(self) -> Iterator[Event]:
        """Yield events as they arrive, until the connection is lost."""
        for message in self._messages():
            if isinstance(message, Event):
                yield message

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _payload(
        self,
        kind: type[AnyRequest],
        on_event: Callable[[Event], None] | None,
        fields: dict[str, Any],
    ) -> msgspec.Raw:
        """Send a request and return the payload of its reply, as it was written."""
        answers: list[Answer] = []
        try:
            self._connection.sendall(self._core.request(kind, fields, answers.append))
        except OSError as error:
            raise Unreachable(LOST) from error
        for message in self._messages():
            if answers:
                return payload_of(answers[0])
            if on_event and isinstance(message, Event):
                on_event(message)
        raise Unreachable(LOST)

    def _messages(self) -> Iterator[SubscriberMessage]:
        try:
            while True:
                while (message := self._core.next_message()) is not None:
                    yield message
                chunk = self._connection.recv(CHUNK_BYTES)
                if not chunk:
                    return
                self._core.feed(chunk)
        except TimeoutError:
            raise
        except (OSError, ProtocolError) as error:
            raise Unreachable(LOST) from error


def _connect(connection: socket.socket, path: str) -> None:
    """Connect, with retries while the supervisor's queue of connections is full."""
    deadline = time.monotonic() + CONNECT_TIMEOUT_S
    while True:
        try:
            return connection.connect(path)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
        time.sleep(CONNECT_INTERVAL_S)
