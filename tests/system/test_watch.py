"""`mnist-tui watch`: lines for screen readers and logs, told by a real supervisor."""

from __future__ import annotations

import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.cli.commands.watch import Watcher
from tests.deadlines import wait_until
from tests.system.command import COMMAND, SMALL, environment, make, mnist_tui, running, store
from tests.tui.samples import make_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mnist_tui.storage.home import Home
    from tests.harness import Workspace


@contextmanager
def watching(home: Home, log: Path, *words: object) -> Iterator[subprocess.Popen[bytes]]:
    """Run `watch` into a file until the block ends."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*COMMAND, "watch", *map(str, words)],
            env=environment(MNIST_TUI_HOME=home.path, XDG_CONFIG_HOME="/nonexistent"),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def until_told(log: Path, text: str) -> None:
    wait_until(lambda: text in log.read_text(), f"{text!r} in the log", 60)


def test_each_epoch_and_each_state_is_a_line_without_escapes(
    workspace: Workspace, tmp_path: Path
) -> None:
    session_id = make(workspace, *SMALL, "--epochs", 3, "--hold")
    log = tmp_path / "log"
    with watching(workspace.home, log, session_id, "--every", 0) as watch:
        until_told(log, "held")
        workspace.request(Trigger.RELEASE, session_id)
        assert watch.wait(60) == 0
    lines = log.read_text().splitlines()
    assert all(line.startswith(f"#{session_id} ") for line in lines)
    assert all(line.isprintable() for line in lines)
    told = "\n".join(lines)
    for epoch in (1, 2, 3):
        assert f"epoch {epoch} of 3" in told
    assert "Loss: training" in lines[-1]
    assert "best" in lines[-1]
    assert "test" in lines[-1]
    assert "finished" in lines[-1]
    assert len(lines) == len(set(lines))


def test_several_sessions_are_watched_until_all_have_ended(
    workspace: Workspace, tmp_path: Path
) -> None:
    first, second = running(workspace), running(workspace)
    log = tmp_path / "log"
    with watching(workspace.home, log, first, second) as watch:
        until_told(log, f"#{second} ")
        workspace.request(Trigger.PAUSE, first)
        until_told(log, " paused, epoch")
        workspace.request(Trigger.KILL, second)
        until_told(log, " killed, epoch")
        assert watch.poll() is None
        workspace.request(Trigger.STOP, first)
        assert watch.wait(60) == 1
    assert f"`mnist-tui resume {second}` goes on" in log.read_text()


def test_ctrl_c_ends_watching_and_not_training(workspace: Workspace, tmp_path: Path) -> None:
    session_id = running(workspace)
    log = tmp_path / "log"
    with watching(workspace.home, log, session_id) as watch:
        until_told(log, "running")
        watch.send_signal(signal.SIGINT)
        assert watch.wait(30) == 130
    assert "Traceback" not in log.read_text()
    assert workspace.record(session_id).state is SessionState.RUNNING


def test_without_a_supervisor_it_says_what_the_files_say(tmp_path: Path) -> None:
    from mnist_tui.storage.home import Home

    home = Home(tmp_path / "home")
    store(home, "done")
    store(home, "lost", state=SessionState.QUEUED)
    finished, waiting = mnist_tui(home, "watch", 1), mnist_tui(home, "watch", 2)
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "#1 done finished.\n", "")
    assert (waiting.returncode, waiting.stdout) == (1, "#2 lost queued.\n")
    assert waiting.stderr.startswith("No supervisor runs, so nothing trains now;")
    assert not home.socket.exists()


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["7"], 1, "There is no session #7"),
        ([], 2, "Missing argument"),
        (["1", "--every", "-1"], 2, "--every"),
        (["1", "--every", "nan"], 2, "--every"),
    ],
)
def test_bad_input_gets_one_sentence(
    tmp_path: Path, words: list[str], code: int, sentence: str
) -> None:
    from mnist_tui.storage.home import Home

    home = Home(tmp_path / "home")
    store(home, "done")
    done = mnist_tui(home, "watch", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_epochs_wait_for_their_turn_and_states_do_not(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    def at(epochs: int, state: SessionState = SessionState.RUNNING) -> None:
        record = make_record(1, state, step=10 * epochs)
        position = record.progress.position
        from msgspec.structs import replace

        watcher.take(
            replace(
                record,
                progress=replace(
                    record.progress, position=replace(position, validated_epochs=epochs)
                ),
            )
        )

    for every_s, expected in ((0.0, ["1", "2", "3"]), (1_000_000.0, ["1", "3"])):
        watcher = Watcher([make_record(1)], workspace.home, every_s)
        at(1)
        at(1)
        at(2)
        at(3, SessionState.PAUSED)
        told = [line.partition("epoch ")[2].partition(" of")[0] for line in lines_of(capsys)]
        assert told == expected


def test_names_cannot_steer_the_terminal(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    record = make_record(1, name="a\x1b[2J\nb")
    Watcher([record], workspace.home, 1.0).take(record)
    (line,) = lines_of(capsys)
    assert line.isprintable()


def test_a_session_that_was_removed_is_told_at_the_end(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    watcher = Watcher([make_record(1)], workspace.home, 1.0)
    watcher.remove(1)
    watcher.remove(2)
    assert watcher.is_over()
    assert watcher.report() == 1
    assert "was moved to the trash" in capsys.readouterr().err
