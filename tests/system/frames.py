"""Lines that no honest client sends, made from a seed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mnist_tui.training.protocol.messages import MAX_REQUEST_BYTES, PROTOCOL_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

HELLO: dict[str, Any] = {"type": "hello", "id": 1, "version": PROTOCOL_VERSION, "client": "test"}
HARMLESS: tuple[dict[str, Any], ...] = (
    {"type": "status", "id": 1},
    {"type": "list", "id": 2},
    {"type": "subscribe", "id": 3},
    {"type": "get", "id": 4, "session_id": 99_999},
    {"type": "change", "id": 5, "session_id": 99_999, "action": "kill"},
    {
        "type": "create", "id": 6, "parameters": {"model": "none"}, "data_dir": "/nonexistent",
        "name": "a", "tags": ["b"], "note": "c", "is_dry_run": True, "environment": {"A": "b"},
    },
    {"type": "summarize", "id": 7, "parameters": {"model": "none"}},
    {"type": "label", "id": 8, "session_id": 99_999, "name": "a", "tags": ["b"], "note": "c"},
    {"type": "snapshot", "id": 9, "session_id": 99_999, "name": "a"},
    {"type": "move", "id": 10, "session_id": 99_999, "places": -1},
)  # fmt: skip
"""Requests that change nothing, whatever becomes of one of their bytes."""
WRONG_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 2**53, 2**64, -(2**70), "", "x", "\x1b[31m", "\x00", "é" * 300,
    "9" * 90,
    [], {}, [[]], {"a": {"a": {}}}, ["status"], {"type": "status"}, [None] * 500,
)  # fmt: skip
TOKENS = (
    b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 5_000, b"-" + b"9" * 400, b"0" * 50,
    b"1e-999", b'"\\ud800"', b'"\\udfff\\ud800"', b'"\xed\xa0\x80"', b'"\xff"', b'"\x00"', b"'a'",
    b"undefined",
    b'"\\u0000"', b'"\\u001b]52;c;YQ==\\u0007"', b'"\\x1b"', b"0x10", b"1_000", b"[]]", b"{,}", b"",
)  # fmt: skip


def _random_bytes(random: Random) -> bytes:
    return random.randbytes(random.choice((1, 7, 100, 5_000)))


def _huge(random: Random) -> bytes:
    size = MAX_REQUEST_BYTES + random.randrange(1, 200_000)
    return b'{"type":"list","id":1,"x":"' + b"x" * size + random.choice((b"", b'"}\n'))


def _nested(random: Random) -> bytes:
    depth = random.choice((10, 500, 980, 3_000, 20_000))
    opened, closed = random.choice(((b"[", b"]"), (b'{"a":', b"}")))
    inside = opened * depth + b"1" + closed * depth
    if random.random() < 0.3:
        return opened * depth + b"\n"
    place = b'{"type":"summarize","id":1,"parameters":{"epochs":%s}}\n'
    return place % inside


def _wrong_type(random: Random) -> bytes:
    request = dict(random.choice((HELLO, *HARMLESS)))
    key = random.choice([*request, "unknown", "\x1b[2J", "__class__", "type "])
    request[key] = random.choice(WRONG_VALUES)
    return json.dumps(request).encode() + b"\n"


def _wrong_token(random: Random) -> bytes:
    request = dict(random.choice((HELLO, *HARMLESS)))
    request[random.choice([*request, "parameters"])] = "@"
    token = random.choice(TOKENS)
    return json.dumps(request).encode().replace(b'"@"', token) + b"\n"


def _without_a_key(random: Random) -> bytes:
    request = dict(random.choice((HELLO, *HARMLESS)))
    del request[random.choice(list(request))]
    return json.dumps(request).encode() + b"\n"


def _twice(random: Random) -> bytes:
    first, second = (random.choice(HARMLESS) for _ in range(2))
    pair = json.dumps(first)[:-1] + "," + json.dumps(second)[1:]
    return pair.encode() + b"\n"


def _flipped(random: Random) -> bytes:
    line = bytearray(json.dumps(random.choice(HARMLESS)).encode())
    for _ in range(random.choice((1, 2, 10))):
        line[random.randrange(len(line))] ^= 1 << random.randrange(8)
    return bytes(line) + b"\n"


def _half(random: Random) -> bytes:
    line = json.dumps(random.choice(HARMLESS)).encode()
    return line[: random.randrange(1, len(line))]


def _other_version(random: Random) -> bytes:
    version = random.choice((-1, PROTOCOL_VERSION + 1, 99, 2**40, 1.0, "1", None, [1]))
    return json.dumps(HELLO | {"version": version}).encode() + b"\n"


def _not_an_object(random: Random) -> bytes:
    return (
        random.choice((b"null", b"1", b'"hello"', b"[]", b"[[]]", b"true", b"", b"\r", b"\0"))
        + b"\n"
    )


def _framed(random: Random) -> bytes:
    head = random.choice(
        (b"\xef\xbb\xbf", b"\x00\x00\x00\x10", b"GET / HTTP/1.1\r\n", b"\x16\x03\x01")
    )
    return head + json.dumps(random.choice(HARMLESS)).encode() + b"\n"


def _many(random: Random) -> bytes:
    lines = [
        json.dumps(random.choice(HARMLESS[:5])).encode() for _ in range(random.choice((2, 200)))
    ]
    return random.choice((b"\n", b"\r\n", b"\n\n")).join(lines) + b"\n"


def _all_in_one_line(random: Random) -> bytes:
    return b"".join(json.dumps(request).encode() for request in random.sample(HARMLESS, 3)) + b"\n"


KINDS: tuple[Callable[[Random], bytes], ...] = (
    _random_bytes, _huge, _nested, _wrong_type, _wrong_type, _wrong_token, _wrong_token,
    _without_a_key, _twice, _flipped, _flipped, _half, _other_version, _not_an_object, _framed,
    _many, _all_in_one_line,
)  # fmt: skip


def hostile_frame(random: Random) -> bytes:
    """Return what is sent in one go: no line, one or many."""
    return random.choice(KINDS)(random)
