"""The supervisor's socket under fire: nonsense, floods and silence harm nobody.

MNIST_TUI_TEST_FRAMES frames of MNIST_TUI_TEST_SEED, 5,000 of seed 1 with `pytest -m fault`.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from contextlib import ExitStack, suppress
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from mnist_tui.training.protocol.client import Client, Refused
from mnist_tui.training.protocol.messages import (
    ANY_VERSION,
    MAX_REQUEST_BYTES,
    PROTOCOL_VERSION,
    Reply,
)
from mnist_tui.training.protocol.requests import AnyRequest, List, Status
from mnist_tui.training.supervisor import connection, server
from tests.deadlines import patient, wait_until
from tests.system.command import store
from tests.system.frames import HARMLESS, HELLO, hostile_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness import Workspace

SEED = int(os.environ.get("MNIST_TUI_TEST_SEED", "1"))
NUM_FRAMES = int(os.environ.get("MNIST_TUI_TEST_FRAMES", "5000"))
MAX_GROWTH_BYTES = 20_000_000
SLOW_S = 2.0
"""No answer to an honest client may take longer, on a busy machine too."""


def line_of(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"


class Stranger:
    """A connection that says what it likes."""

    def __init__(self, workspace: Workspace, first: bytes = b"") -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(workspace.home.socket))
        self.socket.settimeout(20)
        self.answer = b""
        self.send(first)

    def send(self, data: bytes) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data)

    def end_writing(self) -> None:
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def listen(self) -> bytes:
        """Return all that comes until the supervisor hangs up."""
        with suppress(ConnectionResetError):
            while chunk := self.socket.recv(65_536):
                self.answer += chunk
        return self.answer

    def is_dropped(self) -> bool:
        self.socket.setblocking(False)
        try:
            return self.socket.recv(65_536) == b""
        except BlockingIOError:
            return False
        except ConnectionResetError:
            return True
        finally:
            self.socket.settimeout(20)

    def replies(self, count: int) -> list[dict[str, Any]]:
        """Return the next replies, fewer where the supervisor hangs up."""
        with self.socket.makefile("rb") as lines:
            return [json.loads(line) for line in islice(lines, count)]

    def refusal(self) -> str:
        """Return the first refusal."""
        with self.socket.makefile("rb") as lines:
            refusals = (json.loads(line)["refusal"] for line in lines)
            return next(str(refusal) for refusal in refusals if refusal)

    def vanish(self) -> None:
        """Close at once, as when the process is killed with answers unread."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def __enter__(self) -> Stranger:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


@pytest.fixture
def quiet_log(shared: Workspace) -> Iterator[None]:
    """No traceback may stand in the supervisor's log after the test."""
    _ = shared.client
    yield
    log = shared.home.supervisor_log.read_text()
    assert "Traceback" not in log, log[-3_000:]
    assert "never retrieved" not in log, log[-3_000:]


def supervisor_of(workspace: Workspace) -> psutil.Process:
    return psutil.Process(workspace.supervisor_pid())


def num_connections(workspace: Workspace) -> int:
    """Return how many sockets of clients the supervisor has open."""
    path = str(workspace.home.socket)
    return sum(one.laddr == path for one in supervisor_of(workspace).net_connections("unix"))


def await_connections(workspace: Workspace, count: int) -> None:
    wait_until(
        lambda: num_connections(workspace) <= count, f"no more than {count} sockets are open"
    )


def test_hostile_frames_harm_nobody(shared: Workspace, quiet_log: None) -> None:
    bombard(shared, num_frames=300)


@pytest.mark.fault
def test_thousands_of_hostile_frames_harm_nobody(shared: Workspace, quiet_log: None) -> None:
    bombard(shared, NUM_FRAMES)


def bombard(workspace: Workspace, num_frames: int) -> None:
    random = Random(SEED)
    supervisor, before = supervisor_of(workspace), num_connections(workspace)
    for request in HARMLESS:  # what is loaded at the first of each is no growth
        with Stranger(workspace, line_of(HELLO) + line_of(request)) as stranger:
            stranger.replies(2)
    memory = supervisor.memory_info().rss
    slowest_s = 0.0
    open_ones: list[Stranger] = []
    for number in range(num_frames):
        misbehave(workspace, random, open_ones)
        asked_at = time.monotonic()
        assert workspace.supervisor_pid() == supervisor.pid, f"frame {number} of seed {SEED}"
        slowest_s = max(slowest_s, time.monotonic() - asked_at)
    for one in open_ones:
        one.vanish()
    assert slowest_s < patient(SLOW_S)
    assert workspace.records() == []
    await_connections(workspace, before)
    assert supervisor.memory_info().rss - memory < MAX_GROWTH_BYTES


def misbehave(workspace: Workspace, random: Random, open_ones: list[Stranger]) -> None:
    """Connect, mostly say hello, send a frame, and then hang up in one of several ways."""
    greeting = line_of(HELLO) if random.random() < 0.7 else b""
    stranger = Stranger(workspace, greeting + hostile_frame(random))
    way = random.choice(("listen", "vanish", "close", "linger"))
    if way == "linger":
        open_ones.append(stranger)
        if len(open_ones) > 20:
            open_ones.pop(0).vanish()
        return
    if way == "listen":
        stranger.end_writing()
        for line in stranger.listen().splitlines():
            assert json.loads(line)["type"] == "reply"
    if way == "vanish":
        stranger.vanish()
    stranger.socket.close()


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b'{"type":"status","id":1,"type":"shutdown"}\n', "bad message"),
        (b'{"id":1,"type":"status","id":2}\n', "twice"),
        (b'{"type":"summarize","id":1,"parameters":{"epochs":1,"epochs":2}}\n', "twice"),
        (b'{"type":"status","id":NaN}\n', "invalid character"),
        (b'{"type":"status","id":1e999}\n', "out of range"),
        (b'{"type":"status","id":' + b"9" * 5_000 + b"}\n", "out of range"),
        (b'{"type":"status","id":' + b"9" * 25 + b"}\n", "Expected `int` <="),
        (b'{"type":"status","id":"1"}\n', "Expected `int`"),
        (b'{"type":"status"}\n', "missing required field `id`"),
        (b'{"type":"status","id":1,"colour":2}\n', "unknown field `colour`"),
        (b'{"type":"dance","id":1}\n', "Invalid value 'dance'"),
        (b'{"type":"summarize","id":1,"parameters":' + b"[" * 20_000 + b"\n", "bad message"),
        (b'{"type":"summarize","id":1,"parameters":{"a":"\\ud800"}}\n', "bad message"),
        (b'{"type":"summarize","id":1,"parameters":{"a":"\xff"}}\n', "bad message"),
        (b'{"type":"status","id":1}\x00\n', "trailing characters"),
        (b"\xef\xbb\xbf" + line_of(HARMLESS[0]), "invalid character"),
        (b"\n", "truncated"),
        (b"x" * (MAX_REQUEST_BYTES * 3) + b"\n", "limit"),
        (line_of(HELLO), "say hello only once"),
    ],
)
def test_a_bad_frame_is_refused_with_its_reason(
    shared: Workspace, quiet_log: None, frame: bytes, reason: str
) -> None:
    with Stranger(shared, line_of(HELLO) + frame) as stranger:
        assert reason in stranger.refusal()


def test_another_version_is_told_what_to_do(shared: Workspace, quiet_log: None) -> None:
    for version in (PROTOCOL_VERSION - 1, PROTOCOL_VERSION + 1, 99):
        with Stranger(shared, line_of(HELLO | {"version": version})) as stranger:
            assert "`mnist-tui supervisor restart`" in stranger.refusal()


def test_a_client_of_any_version_may_ask_for_nothing_but_to_leave(
    shared: Workspace, quiet_log: None
) -> None:
    hello = line_of(HELLO | {"version": ANY_VERSION})
    for request in ("subscribe", "list", "status", "warm"):
        with Stranger(shared, hello + line_of({"type": request, "id": 2})) as stranger:
            assert "`mnist-tui supervisor restart`" in stranger.refusal()


def test_half_a_line_is_no_request(shared: Workspace, quiet_log: None) -> None:
    pid = shared.supervisor_pid()
    with Stranger(shared, line_of(HELLO) + b'{"type":"shutdown","id":2}') as stranger:
        stranger.end_writing()
        assert b'"id":2' not in stranger.listen()
    assert shared.supervisor_pid() == pid


def test_hundreds_of_requests_in_one_breath_are_all_answered(
    shared: Workspace, quiet_log: None
) -> None:
    asked = range(1, 501)
    lines = b"".join(line_of({"type": "status", "id": number}) for number in asked)
    with Stranger(shared, line_of(HELLO)) as stranger:
        stranger.send(lines)
        replies = stranger.replies(1 + len(asked))[1:]
    assert sorted(reply["id"] for reply in replies) == list(asked)
    assert all(reply["payload"]["pid"] for reply in replies)


def test_silent_and_slow_connections_lock_nobody_out_and_are_dropped(
    shared: Workspace, quiet_log: None
) -> None:
    before = num_connections(shared)
    with ExitStack() as stack:
        silent = [stack.enter_context(Stranger(shared)) for _ in range(200)]
        unhurried = [stack.enter_context(Stranger(shared, b"{")) for _ in range(20)]
        halting = [
            stack.enter_context(Stranger(shared, line_of(HELLO) + b'{"type"')) for _ in range(20)
        ]
        asked_at = time.monotonic()
        with Client.connect(shared.home) as client:
            client.request(Status)
        assert time.monotonic() - asked_at < patient(SLOW_S)
        assert num_connections(shared) <= before + server.MAX_CONNECTIONS + len(halting)
        assert not halting[-1].is_dropped()

        def all_are_dropped() -> bool:
            for one in (*unhurried, *halting):
                one.send(b" ")
            waiting[:] = [one for one in waiting if not one.is_dropped()]
            return not waiting

        waiting = [*silent, *unhurried, *halting]
        limit_s = server.HELLO_TIMEOUT_S + server.LINE_TIMEOUT_S
        wait_until(all_are_dropped, "they are dropped", limit_s, interval_s=0.2)
    await_connections(shared, before)


def test_one_client_too_many_is_told_so_and_gets_in_when_another_leaves(
    shared: Workspace, quiet_log: None
) -> None:
    _ = shared.supervisor_pid()
    with ExitStack() as stack:
        room = server.MAX_CONNECTIONS - 1
        clients = [stack.enter_context(Client.connect(shared.home)) for _ in range(room)]
        with pytest.raises(Refused, match="clients are connected already; close one"):
            Client.connect(shared.home)
        clients[0].close()
        wait_until(lambda: _gets_in(shared), "there is room again")


def _gets_in(workspace: Workspace) -> bool:
    try:
        Client.connect(workspace.home).close()
    except Refused:
        return False
    return True


def test_a_client_that_never_reads_costs_little_and_slows_nobody(workspace: Workspace) -> None:
    store(workspace.home, *(f"s{number}" for number in range(200)))
    supervisor = supervisor_of(workspace)
    workspace.records()
    memory = supervisor.memory_info().rss
    with ExitStack() as stack:
        deaf = [stack.enter_context(Stranger(workspace, line_of(HELLO))) for _ in range(8)]
        for one in deaf:
            one.send(line_of({"type": "subscribe", "id": 1}))
            one.socket.setblocking(False)
        flood = line_of({"type": "list", "id": 2}) * 100
        slowest_s = 0.0
        for _ in range(50):
            for one in deaf:
                with suppress(BlockingIOError):
                    one.socket.send(flood)
            asked_at = time.monotonic()
            workspace.client.request(Status)
            slowest_s = max(slowest_s, time.monotonic() - asked_at)
        assert slowest_s < patient(SLOW_S)
        assert supervisor.memory_info().rss - memory < MAX_GROWTH_BYTES
    assert len(workspace.records()) == 200


async def test_a_client_that_does_not_read_in_time_is_dropped(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    async def answer(request: AnyRequest, _connection: connection.Connection) -> Reply:
        return Reply(id=request.id, payload="x" * 2_000_000)

    monkeypatch.setattr(connection, "READ_TIMEOUT_S", 0.2)
    workspace.home.prepare()
    listening = server.Server(workspace.home, answer)
    await listening.listen()
    deaf = await asyncio.to_thread(Stranger, workspace, line_of(HELLO) + line_of(HARMLESS[1]))
    try:
        async with asyncio.timeout(patient(10)):
            while not listening.connections:
                await asyncio.sleep(0.01)
            while listening.connections:
                await asyncio.sleep(0.01)
    finally:
        deaf.socket.close()
        listening.stop_listening()


def test_clients_that_die_while_they_are_answered_harm_nobody(
    shared: Workspace, quiet_log: None
) -> None:
    before = num_connections(shared)
    questions = b"".join(map(line_of, HARMLESS)) * 10
    for length in range(0, len(questions), 97):
        Stranger(shared, line_of(HELLO) + questions[:length]).vanish()
    assert shared.client.request(List) == []
    await_connections(shared, before)
