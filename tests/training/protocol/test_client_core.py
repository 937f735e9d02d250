"""The protocol of a client without a connection: bytes in whatever pieces they come."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tui.training.protocol.client import ClientCore, Refused, payload_of
from mnist_tui.training.protocol.messages import (
    Answer,
    ProtocolError,
    Reply,
    SupervisorClosing,
    TaskProgressed,
    encode,
)
from mnist_tui.training.protocol.requests import Status

CONVERSATION = b"".join(
    [
        encode(TaskProgressed(text="loading")),
        encode(Reply(id=2, payload={"b": 2})),
        encode(Reply(id=1, payload={"a": 1})),
        encode(SupervisorClosing()),
    ]
)


def messages_of(core: ClientCore) -> list[object]:
    messages: list[object] = []
    while (message := core.next_message()) is not None:
        messages.append(message)
    return messages


@given(st.lists(st.integers(1, len(CONVERSATION) - 1), max_size=6).map(sorted))
def test_replies_reach_their_requests_however_the_bytes_are_cut(cuts: list[int]) -> None:
    core = ClientCore()
    first: list[Answer] = []
    second: list[Answer] = []
    assert json.loads(core.request(Status, {}, first.append))["id"] == 1
    assert json.loads(core.request(Status, {}, second.append))["id"] == 2
    messages: list[object] = []
    for start, end in zip([0, *cuts], [*cuts, len(CONVERSATION)], strict=True):
        core.feed(CONVERSATION[start:end])
        messages += messages_of(core)
    assert [json.loads(bytes(payload_of(answers[0]))) for answers in (first, second)] == [
        {"a": 1},
        {"b": 2},
    ]
    assert messages[0] == TaskProgressed(text="loading")
    assert messages[-1] == SupervisorClosing()
    assert len(messages) == 4


def test_messages_after_a_reply_wait_until_they_are_taken() -> None:
    core = ClientCore()
    answers: list[Answer] = []
    core.request(Status, {}, answers.append)
    core.feed(encode(Reply(id=1)) + encode(SupervisorClosing()))
    core.next_message()
    assert len(answers) == 1
    assert messages_of(core) == [SupervisorClosing()]


def test_a_refusal_carries_its_sentence_and_the_parameters_it_is_about() -> None:
    with pytest.raises(Refused, match="not now") as caught:
        payload_of(Answer(id=1, refusal="not now", problems=[("epochs", "too many")]))
    assert caught.value.problems == [("epochs", "too many")]


def test_a_line_that_is_no_message_is_refused() -> None:
    core = ClientCore()
    core.feed(b"hello\n")
    with pytest.raises(ProtocolError, match="bad message"):
        core.next_message()


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnist_tui.training.protocol.client.MAX_REPLY_BYTES", 10)
    core = ClientCore()
    core.feed(b"123456")
    with pytest.raises(ProtocolError, match="too long"):
        core.feed(b"789012")
