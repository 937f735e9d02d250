"""Messages survive the wire, and lines that are none are told apart."""

from __future__ import annotations

from pkgutil import resolve_name

import pytest

from mnist_tui.storage.records import Position, Progress, SessionRecord
from mnist_tui.training.parameters.image_sources import OutlierSource
from mnist_tui.training.protocol.assignment import HOOK_NAMES
from mnist_tui.training.protocol.messages import (
    ProtocolError,
    Reply,
    ServerMessage,
    SessionChanged,
    decode,
    encode,
)
from mnist_tui.training.protocol.requests import (
    TASKS,
    AnyRequest,
    ChangeState,
    Create,
    Evaluate,
    Hello,
    KeepCheckpoint,
    Label,
    Move,
    Profile,
    ShowOutliers,
)
from mnist_tui.training.protocol.worker_messages import (
    NotDone,
    Ready,
    Report,
    TaskTold,
    WorkerCommand,
)
from mnist_tui.training.sessions.lifecycle import Trigger

RECORD = SessionRecord(id=7, name="x\x1b", parameters={"epochs": 1}, created_at="now", tags=("a",))


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (Hello(id=1, version=1, client="cli"), AnyRequest),
        (Create(id=2, parameters={"epochs": "3"}, data_dir="/d", tags=("t",)), AnyRequest),
        (ChangeState(id=3, session_id=7, action=Trigger.PAUSE), AnyRequest),
        (Label(id=4, session_id=7, tags=(), note="", is_pinned=False), AnyRequest),
        (KeepCheckpoint(id=5, session_id=7, name="kept"), AnyRequest),
        (Profile(id=9, session_id=7, num_batches=32, is_traced=True), AnyRequest),
        (Evaluate(id=7, session_id=7, is_best=True), AnyRequest),
        (
            ShowOutliers(id=8, session_id=7, source=OutlierSource(kind="folder", path="/p")),
            AnyRequest,
        ),
        (Move(id=6, session_id=7, places=-2), AnyRequest),
        (WorkerCommand(number=9, action=Trigger.SNAPSHOT, name="kept"), WorkerCommand),
        (WorkerCommand(number=9, action=Trigger.PROFILE, num_batches=32), WorkerCommand),
        (NotDone(number=9, action=Trigger.SNAPSHOT, step=3, reason="no", time="now"), Report),
        (Reply(id=3, refusal="no", problems=[("epochs", "bad")]), ServerMessage),
        (SessionChanged(record=RECORD), ServerMessage),
        (TaskTold(text="half"), Report),
        (
            Ready(
                device="cpu",
                num_parameters=5,
                fingerprint={"threads": 1},
                progress=Progress(position=Position(step=3)),
            ),
            Report,
        ),
    ],
)
def test_a_message_reads_back_the_same_from_one_line(message: object, kind: object) -> None:
    line = encode(message)  # type: ignore[arg-type]

    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line, kind) == message


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"{}",
        b"[]",
        b'{"type":"nonsense","id":1}',
        b'{"type":"change","id":1,"session_id":"7","action":"pause"}',
        b'{"type":"change","id":1,"session_id":7,"action":"explode"}',
        b'{"type":"list","id":1,"extra":1}',
        b'{"type":"label","id":1,"session_id":7,"tags":"a"}',
        b'{"type":"label","id":1,"session_id":7,"is_pinned":1}',
        b'{"type":"snapshot","id":1,"session_id":7}',
        b'{"type":"evaluate","id":1,"session_id":"7"}',
        b'{"type":"evaluate","id":1,"session_id":7,"is_best":1}',
        b'{"type":"show_outliers","id":1,"session_id":7,"source":{"kind":"net"}}',
        b'{"type":"move","id":1,"session_id":7,"places":1.5}',
        b'{"type":"hello","id":NaN,"version":1,"client":"x"}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_line_that_is_no_request_is_a_protocol_error(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(line, AnyRequest)


@pytest.mark.parametrize("name", [*HOOK_NAMES, *(kind.function for kind in TASKS.values())])
def test_every_hook_and_task_is_there_by_the_name_in_its_table(name: str) -> None:
    assert callable(resolve_name(name))
