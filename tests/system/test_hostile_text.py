"""Text from files, arguments and paths only ever prints: no screen, no command acts on it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from mnist_tui.storage.audit import AuditEntry
from mnist_tui.storage.checkpoints.checkpoint_manifest import write_manifest
from mnist_tui.storage.folders import make_session_folder
from mnist_tui.storage.history import HistoryEntry
from mnist_tui.storage.home import Home
from mnist_tui.storage.records import (
    CheckpointInfo,
    MetricRow,
    Position,
    Progress,
    SessionRecord,
    SessionState,
)
from mnist_tui.storage.registry.registry import Registry
from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.labels import check_label
from mnist_tui.training.parameters.resolution import resolve
from mnist_tui.tui.cli.group import COMMANDS
from mnist_tui.tui.text.sanitize import printable
from tests.deadlines import patient
from tests.harness import Workspace
from tests.system.command import environment
from tests.system.hostile import MARK, TEXTS
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STATES = (SessionState.FINISHED, SessionState.FAILED, SessionState.STOPPED, SessionState.QUEUED)
DRIVER = """
import json, sys
from mnist_tui.tui.__main__ import main
for words in json.loads(sys.argv[1]):
    for stream in (sys.stdout, sys.stderr):
        print("=====", ascii(words), file=stream, flush=True)
    code = main(words)
    assert code in (0, 1, 2, 124), (words, code)
"""
"""Runs many command lines in one process, each announced on both streams."""

MIXED_TEXTS = [text for start in range(6) for text in TEXTS[start::6]]
"""Every kind among any few that follow each other."""
STEERING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
COLOR = re.compile(r"\x1b\[[0-9;]*m")
PROGRESS = re.compile(r"\r\x1b\[K")
CONTROL = re.compile(rb"\x1b\[[0-9;:?<=>$]*[@-~]")
CTRL_Q, CTRL_R = b"\x11", b"\x12"
POINTER = b"\x1b]22;default\x07"
"""Textual's own: the shape of the mouse pointer."""


@pytest.fixture(scope="module")
def hostile_home() -> Iterator[Home]:
    """A home with one session per text, which stands wherever a person may come to read it."""
    home = Home(Path(tempfile.mkdtemp(prefix="mt-")))
    fill(home)
    yield home
    Workspace(home, home.path).shut_down()
    shutil.rmtree(home.path, ignore_errors=True)


def fill(home: Home) -> None:
    home.prepare()
    registry = Registry.open(home)
    for number, text in enumerate(MIXED_TEXTS, start=1):
        record = hostile_record(number, text)
        make_session_folder(home, number)
        registry.put(record)
        write_files(home.session(number), text)
    registry.close()
    entries = [AuditEntry(session_id=1, entry=history_entry(text)) for text in TEXTS]
    write_lines(home.audit, entries)


def hostile_record(number: int, text: str) -> SessionRecord:
    parameters = to_plain(resolve({}, sizes={}, default_threads=1))
    words = {name: text for name, value in parameters.items() if isinstance(value, str)}
    return SessionRecord(
        id=number,
        name=f"n{number}. {text}",
        parameters=parameters | words,
        created_at=text,
        state=STATES[number % len(STATES)],
        is_held=True,
        cause=f"c{number}. {text}",
        tags=(text, "tag"),
        note=text,
        environment={"CUDA_VISIBLE_DEVICES": "", text: text},
        data_dir=text,
        device=text,
        fingerprint={"torch": text, text: text, "threads": text},
        progress=Progress(position=Position(step=5), steps_per_epoch=10, train_loss=1.0),
        started_at=text,
        boot_id=text,
    )


def write_files(folder: Path, text: str) -> None:
    write_lines(folder / "history.jsonl", [history_entry(text)])
    rows = [
        MetricRow(
            step=1, epoch=0.1, split=split, loss=1.0, accuracy=0.5, mse=0.1,
            learning_rate=0.1, time=text,
        )
        for split in ("train", text)
    ]  # fmt: skip
    write_lines(folder / "metrics.jsonl", rows)
    traceback = f"Traceback (most recent call last):\nValueError: {text}\n{text}"
    (folder / "worker.log").write_bytes(traceback.encode() + b"\n\xff\x9b31m\xed\xa0\x80\n")
    checkpoints = folder / "checkpoints"
    checkpoints.mkdir(exist_ok=True)
    info = CheckpointInfo(
        file="step-00000005.pt", num_bytes=1, sha256="0" * 64, position=Position(step=5), epoch=0.5,
        reason=text, is_best=True, generation=1, fingerprint={text: text}, created_at=text,
        name=text,
    )  # fmt: skip
    (checkpoints / "step-00000005.pt").write_bytes(b"x")
    (checkpoints / "step-00000005.json").write_bytes(write_manifest(info))


def history_entry(text: str) -> HistoryEntry:
    return HistoryEntry(
        event="requested", time=text, number=1, command=text, by=text, step=1, text=text
    )


def write_lines(path: Path, entries: Sequence[msgspec.Struct]) -> None:
    path.write_bytes(b'{"format":1}\n' + msgspec.json.Encoder().encode_lines(entries))


def command_lines(session_ids: Sequence[int]) -> list[list[str]]:
    """Return every command that only reads, for each session where it takes one."""
    once = [["ls"], ["ls", "--json"], ["supervisor", "status"], ["supervisor", "status", "--json"]]
    each = [
        ["show"], ["show", "--json"], ["logs"], ["metrics"], ["metrics", "--json"],
        ["metrics", "--csv"], ["wait", "--timeout", "1"], ["report", "-o", "-"],
        ["report", "-o", "-", "--csv"], ["report", "-o", "-", "--json"],
    ]  # fmt: skip
    if "audit" in COMMANDS:
        once += [["audit"], ["audit", "--json"]]
    return once + [[*words, str(number)] for number in session_ids for words in each]


def run(lines: Sequence[Sequence[str]], home: Path | str, **env: str) -> str:
    """Run command lines without a terminal and return all that they printed."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", DRIVER, json.dumps(lines)],
        env=environment(MNIST_TUI_HOME=home, XDG_CONFIG_HOME="/nonexistent") | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=patient(120),
        check=False,
    )
    output = (done.stdout + done.stderr).decode()
    assert done.returncode == 0, output[-3_000:]
    return output


def assert_inert(output: str) -> None:
    for line in output.split("\n"):
        bad = [character for character in line if unicodedata.category(character) in STEERING]
        assert not bad, ascii(line)


def test_the_corpus_is_of_sixty_texts_or_more_and_most_would_act() -> None:
    assert len(set(TEXTS)) == len(TEXTS) >= 60
    assert sum(printable(text) != text for text in TEXTS) >= 50


def test_no_command_prints_what_acts(hostile_home: Home) -> None:
    numbers = range(1, len(TEXTS) + 1)
    output = run(command_lines(numbers), hostile_home.path)
    assert_inert(output)
    assert output.count("  best  ") >= len(TEXTS)
    for number in numbers:
        assert f"n{number}. " in output
    assert output.count("\N{REPLACEMENT CHARACTER}") > 10 * len(TEXTS)


def test_on_a_terminal_commands_add_nothing_but_colours(hostile_home: Home) -> None:
    lines = [["ls"], *([command, "18"] for command in ("show", "logs", "metrics", "wait"))]
    terminal = Terminal(
        [sys.executable, "-P", "-c", DRIVER, json.dumps(lines)],
        environment(MNIST_TUI_HOME=hostile_home.path, XDG_CONFIG_HOME="/nonexistent"),
        columns=200,
    )
    with terminal:
        terminal.wait_for_end()
        output = terminal.output.decode()
        assert terminal.process.returncode == 0, output
    assert COLOR.search(output)
    assert_inert(PROGRESS.sub("", COLOR.sub("", output)).replace("\r\n", "\n"))


ECHOES: tuple[tuple[str, ...], ...] = (
    ("@",), ("show", "@"), ("ls", "@"), ("ls", "state:@"), ("pause", "@", "@"), ("wait", "@"),
    ("wait", "1", "--timeout", "@"), ("new", "--name", "@"), ("new", "--tag", "@"),
    ("new", "--model", "@"), ("new", "--epochs", "@"), ("new", "--device", "@"),
    ("new", "--set", "@"), ("new", "--set", "@=@"), ("new", "--filters", "@"), ("new", "--@"),
    ("new", "@"), ("--@",), ("--slots", "@", "ls"), ("supervisor", "@"), ("logs", "1", "-n", "@"),
    ("rename", "@", "@"), ("tag", "@", "@"), ("tag", "1", "@"), ("note", "@", "@"), ("pin", "@"),
    ("snapshot", "@", "@"), ("move", "@", "up"), ("move", "1", "@"),
)  # fmt: skip
"""Command lines that are refused with a sentence about what was typed."""


LINES_AT_ONCE = 600
"""All of them in one argument would be more than the system takes."""


def test_no_refusal_prints_what_acts(tmp_path: Path) -> None:
    texts = [text for text in TEXTS if "\0" not in text and len(text) < 1_000]
    lines = [[word.replace("@", text) for word in words] for text in texts for words in ECHOES]
    refused = [line for line in lines if not is_in_order(line)]
    for start in range(0, len(refused), LINES_AT_ONCE):
        assert_inert(run(refused[start : start + LINES_AT_ONCE], tmp_path))
    assert list(tmp_path.iterdir()) == []


def is_in_order(line: list[str]) -> bool:
    """Return whether a command would make a session."""
    if line[:2] not in (["new", "--name"], ["new", "--tag"]):
        return False
    with suppress(ValueError):
        return bool(check_label(line[2]))
    return False


def test_no_path_prints_what_acts(tmp_path: Path) -> None:
    lines: list[list[str]] = []
    for number, text in enumerate(TEXTS):
        if "\0" in text or "/" in text or len(text.encode()) > 200:
            continue
        folder = tmp_path / str(number) / text
        folder.mkdir(parents=True)
        (folder / "file").write_text("")
        lines += [
            ["--home", f"{folder}{below}", *words]
            for words in (["ls"], ["show", "1"], ["supervisor", "status"], ["pause", "--all"])
            for below in ("", "/file", "/file/x")
        ]
        lines.append(["--home", f"{folder}/file/x", "new"])
    assert len(lines) > 700
    assert_inert(run(lines, tmp_path))


def test_no_settings_print_what_acts(tmp_path: Path) -> None:
    settings = tmp_path / "mnist-tui" / "settings.toml"
    settings.parent.mkdir()
    for text in TEXTS[::12]:
        quoted = json.dumps(text)
        for content in (f"{quoted} = 1\n", f"device = {quoted}\n", f"slots = {quoted}\n", text):
            settings.write_text(content)
            output = run([["new"]], tmp_path / "home", XDG_CONFIG_HOME=str(tmp_path))
            assert_inert(output)


def test_a_registry_with_what_is_no_text_is_told_and_crashes_nothing(tmp_path: Path) -> None:
    for number, damage in enumerate(
        (b'"\\ud800"', b'"\xed\xa0\x80"', b'"\x1b[2J"', b"\xff\x00\x1b")
    ):
        home = Home(tmp_path / str(number))
        home.prepare()
        fields = b'"id":1,"name":%s,"parameters":{},"created_at":"","format":1' % damage
        home.registry.write_bytes(b'{"_default":{"1":{%s}}}' % fields)
        output = run([["ls"], ["ls", "--json"], ["show", "1"]], home.path)
        assert_inert(output)


def test_labels_that_act_are_refused_at_the_door() -> None:
    for text in TEXTS:
        with suppress(ValueError):
            label = check_label(f"n{text}")
            assert printable(label) == label
            assert not set(label) & set("[]<>/\\")


def test_no_screen_acts_on_what_it_shows(hostile_home: Home) -> None:
    visit_screens(hostile_home, num_sessions=12)


@pytest.mark.fault
def test_no_screen_acts_on_what_it_shows_of_any_session(hostile_home: Home) -> None:
    visit_screens(hostile_home, num_sessions=len(TEXTS))


def visit_screens(home: Home, num_sessions: int) -> None:
    """See all sessions in the list, some of them page by page, then every question and help."""
    last = len(TEXTS)
    with open_screen(home) as terminal:
        terminal.await_text(f"n{last}. ")
        terminal.keys(*[b"\x1b[6~"] * 5)
        terminal.await_text("n1. ")
        terminal.keys(b"g", b"\r")
        terminal.await_text(" #")
        for key, tab in zip(b"][][", b"1234", strict=True):
            terminal.keys(bytes([tab]), *[bytes([key])] * (num_sessions - 1))
        terminal.keys(b"?")
        terminal.await_text("escape closes")
        terminal.keys(b"q", b"D")
        terminal.await_text("to the trash?")
        terminal.keys(b"n", b"p", b"S", b"h", b"K", b"n", CTRL_Q)
        terminal.wait_for_end()
        assert terminal.process.returncode == 0
        output = terminal.output
    assert_screen_is_inert(output)
    assert output.count("\N{REPLACEMENT CHARACTER}".encode()) > last


def open_screen(home: Home, *options: str, columns: int = 120) -> Terminal:
    return Terminal(
        [sys.executable, "-P", "-m", "mnist_tui.tui", "--refresh", "0.2", *options],
        environment(
            MNIST_TUI_HOME=home.path, XDG_CONFIG_HOME="/nonexistent", TERM="xterm-256color"
        ),
        columns=columns,
        rows=40,
    )


def assert_screen_is_inert(output: bytes) -> None:
    assert not re.search(rb"\x1b\[[0-9;:?<=>$]*" + MARK.encode(), output)
    rest = CONTROL.sub(b"", output.replace(POINTER, b"")).decode()
    bad = [
        (place, character)
        for place, character in enumerate(rest)
        if unicodedata.category(character) in STEERING and character not in "\r\n\x0f"
    ]
    assert not bad, [ascii(rest[max(0, place - 40) : place + 40]) for place, _ in bad[:5]]


def test_the_form_does_not_act_on_what_is_pasted_or_named() -> None:
    home = Home(Path(tempfile.mkdtemp(prefix="mt-")))
    pastes = [text for text in TEXTS if len(text) < 1_000 and len(text.splitlines()) == 1]
    pastes.sort(key=lambda text: "\x1b" in text)
    data = home.path / f"d\x1b[{MARK}m\u202e\x9b{MARK}m"
    raw = data / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (raw / f"{name}-ubyte").write_bytes(b"\0\0\x08\x03 damaged")
    try:
        with open_screen(home, "--data-dir", str(data), columns=250) as terminal:
            terminal.await_text("No sessions yet")
            terminal.keys(b"n")
            terminal.await_text("New session")
            terminal.keys(b"\x1b[B", b"\x1b[B", b"\x1b[C")
            terminal.await_text("/d\N{REPLACEMENT CHARACTER}")
            terminal.keys(b"\x1b[A")
            for text in (*pastes[:8], "".join(pastes)):
                terminal.keys(b"\x1b[200~" + text.encode() + b"\x1b[201~", b"\x1b[H")
            terminal.keys(CTRL_R)
            output = terminal.output
        assert_screen_is_inert(output)
    finally:
        Workspace(home, home.path).shut_down()
        shutil.rmtree(home.path, ignore_errors=True)
