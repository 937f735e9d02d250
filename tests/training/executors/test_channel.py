"""The worker's end of the control pipe, over a real socket pair."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.records import Position, Progress
from mnist_tui.training.engine.interfaces import SupervisorLostError
from mnist_tui.training.executors.channel import Channel, channel_pair
from mnist_tui.training.protocol.messages import decode, encode
from mnist_tui.training.protocol.worker_messages import (
    Done,
    Progressed,
    Report,
    Seen,
    WorkerCommand,
)
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.deadlines import wait_until

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

PAUSE = WorkerCommand(number=1, action=Trigger.PAUSE)
RESUME = WorkerCommand(number=2, action=Trigger.RESUME)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, Channel]]:
    ours, theirs = channel_pair()
    channel = Channel(theirs)
    yield ours, channel
    ours.close()
    channel.finish(timeout_s=0)


def read_reports(connection: socket.socket) -> list[Report]:
    connection.setblocking(False)
    content = b""
    try:
        while chunk := connection.recv(1 << 20):
            content += chunk
    except BlockingIOError:
        pass
    return [decode(line, Report) for line in content.splitlines()]


def progressed(step: int) -> Progressed:
    return Progressed(progress=Progress(position=Position(step=step)))


def test_commands_are_taken_in_order_and_poll_never_waits(
    ends: tuple[socket.socket, Channel],
) -> None:
    ours, channel = ends

    assert channel.poll() is None
    ours.sendall(encode(PAUSE) + encode(RESUME))
    assert [channel.poll(), channel.poll(), channel.poll()] == [PAUSE, RESUME, None]


def test_half_a_command_waits_for_its_rest(ends: tuple[socket.socket, Channel]) -> None:
    ours, channel = ends
    line = encode(PAUSE)

    ours.sendall(line[:10])
    assert channel.poll() is None
    ours.sendall(line[10:])
    assert channel.poll() == PAUSE


def test_a_lost_supervisor_is_noticed_after_the_last_command(
    ends: tuple[socket.socket, Channel],
) -> None:
    ours, channel = ends
    ours.sendall(encode(PAUSE))
    ours.close()

    assert channel.poll() == PAUSE
    with pytest.raises(SupervisorLostError):
        channel.poll()
    with pytest.raises(SupervisorLostError):
        channel.wait()


def test_a_supervisor_that_does_not_read_blocks_nothing_and_loses_no_receipt(
    ends: tuple[socket.socket, Channel],
) -> None:
    ours, channel = ends
    for step in range(20_000):
        channel.send(progressed(step))
    channel.send(Done(number=1, action=Trigger.PAUSE, step=7, time="now"))

    reports: list[Report] = []

    def has_receipt() -> bool:
        channel.poll()
        reports.extend(read_reports(ours))
        return isinstance(reports[-1], Done)

    wait_until(has_receipt, "the receipt arrives once the supervisor reads")
    steps = [r.progress.position.step for r in reports if isinstance(r, Progressed)]
    assert steps[-1] == 19_999
    assert len(steps) < 20_000
    assert steps == sorted(steps)


def test_sigterm_becomes_a_stop_even_while_waiting(ends: tuple[socket.socket, Channel]) -> None:
    _ours, channel = ends
    before = signal.getsignal(signal.SIGTERM)
    channel.handle_sigterm()
    try:
        timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM))
        timer.start()
        command = channel.wait()
        timer.join()
    finally:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, before)

    assert (command.number, command.action) == (0, Trigger.STOP)


def test_what_is_left_is_sent_before_hanging_up() -> None:
    ours, theirs = channel_pair()
    channel = Channel(theirs)
    for number in range(5_000):
        channel.send(Seen(number=number, step=0, time="now"))
    received = b""

    def read_all() -> None:
        nonlocal received
        while chunk := ours.recv(65536):
            received += chunk

    reader = threading.Thread(target=read_all)
    reader.start()
    channel.finish()
    reader.join()
    ours.close()

    assert received.count(b"\n") == 5_000
