"""The disk of the home is full: nothing is lost, everything answers, and room puts it right."""

from __future__ import annotations

import errno
import os
import re
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from mnist_tui.storage import folders
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.home import Home
from mnist_tui.storage.records import SessionState as S
from mnist_tui.storage.registry.registry_reader import read_records
from mnist_tui.training.protocol.client import Refused
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.deadlines import wait_until
from tests.harness import Workspace
from tests.system.command import json_of, mnist_tui
from tests.system.processes import kill_supervisor

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE = "3m"
FILLER = "filler"
NO_ROOM = r"No space left.*make room"

CHEAP = {
    "model": "bn-cnn",
    "filters": "2-3-4",
    "epochs": 100_000,
    "batch_size": 64,
    "log_every": 100,
    "checkpoint_every": 86_400,
    "threads": 1,
}


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of a few megabytes."""
    if os.getuid() != 0:
        pytest.skip("needs root to mount a small file system")
    folder = Path(f"/tmp/mt-disk-{os.getpid()}")
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", str(folder)], check=False
    )
    if mounted.returncode != 0:
        folder.rmdir()
        pytest.skip("a file system cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


@pytest.fixture
def tight(small_disk: Path, digits_dir: Path) -> Iterator[Workspace]:
    """A box whose home lies on the small file system."""
    made = Workspace(Home(small_disk / "h"), digits_dir)
    try:
        yield made
    finally:
        make_room(made)
        made.shut_down()


def fill(workspace: Workspace) -> None:
    """Take every byte that is left."""
    descriptor = os.open(
        workspace.home.path.parent / FILLER, os.O_WRONLY | os.O_CREAT | os.O_APPEND
    )
    for size in (4096, 1):
        with suppress(OSError):
            while True:
                os.write(descriptor, b"x" * size)
    with pytest.raises(OSError, match="No space") as caught:
        os.write(descriptor, b"x")
    assert caught.value.errno == errno.ENOSPC
    os.close(descriptor)


def make_room(workspace: Workspace) -> None:
    with suppress(FileNotFoundError):
        (workspace.home.path.parent / FILLER).unlink()


def exhaust(workspace: Workspace) -> list[int]:
    """Fill the disk, then the rest of the registry's last page; return the sessions made so."""
    fill(workspace)
    made: list[int] = []
    while True:
        try:
            made.append(workspace.create(is_held=True))
        except Refused as refusal:
            sentence = str(refusal)
            break
    assert re.search(NO_ROOM, sentence)
    return made


def test_a_full_disk_refuses_in_sentences_and_loses_nothing(tight: Workspace) -> None:
    running = tight.create(parameters=CHEAP)
    held = tight.create(is_held=True, name="held")
    ended = tight.create(is_held=True)
    tight.request(Trigger.STOP, ended)
    tight.reach_step(running, 5)
    made = exhaust(tight)

    for request, session in ((Trigger.RELEASE, held), (Trigger.RESUME, ended)):
        with pytest.raises(Refused, match=NO_ROOM):
            tight.request(request, session)
    refused = mnist_tui(tight.home, "release", held)
    assert refused.returncode == 1
    assert "make room" in refused.stderr
    rows = {row["id"]: (row["state"], row["cause"]) for row in json_of(tight.home, "ls")}
    state, cause = rows.pop(running)
    assert state == "running" or (state == "paused" and "disk full" in cause)
    assert rows == {
        held: ("queued", "held"),
        ended: ("stopped", None),
        **dict.fromkeys(made, ("queued", "held")),
    }
    assert [record.id for record in read_records(tight.home)] == sorted([running, *rows])
    folders_made = {int(path.name) for path in tight.home.path.iterdir() if path.name.isdigit()}
    assert folders_made == {running, *rows}, "what was refused left nothing behind"

    make_room(tight)
    assert tight.request(Trigger.REMOVE, ended) is None
    assert tight.create(is_held=True) > max(rows)
    for session in made:
        copy = tight.home.session(session) / folders.SESSION_COPY
        wait_until(copy.exists, "what could not be copied is copied", timeout_s=5)


def test_what_happened_while_the_disk_was_full_is_saved_once_there_is_room(
    tight: Workspace,
) -> None:
    running = tight.create(parameters=CHEAP)
    tight.reach_step(running, 5)
    exhaust(tight)

    tight.request(Trigger.KILL, running)  # a running session can be ended whatever the disk says
    tight.reach(running, S.KILLED)
    assert stored_state(tight, running) is not S.KILLED
    rows = {row["id"]: row["state"] for row in json_of(tight.home, "ls")}
    assert rows[running] == "killed"

    make_room(tight)
    wait_until(lambda: stored_state(tight, running) is S.KILLED, "it is saved", timeout_s=5)
    copy = tight.home.session(running) / folders.SESSION_COPY
    wait_until(lambda: b'"killed"' in copy.read_bytes(), "so is the copy", timeout_s=5)
    tight.request(Trigger.RESUME, running)
    tight.reach(running, S.RUNNING)


def test_a_supervisor_that_dies_on_a_full_disk_comes_back_and_knows_every_session(
    tight: Workspace,
) -> None:
    running = tight.create(parameters=CHEAP)
    held = tight.create(is_held=True)
    tight.reach_step(running, 5)
    made = exhaust(tight)

    kill_supervisor(tight)

    assert [record.id for record in tight.records()] == [running, held, *made]
    assert tight.record(held).is_held
    make_room(tight)
    # It may have paused for want of room before the supervisor died, and is stopped then.
    record = tight.reach(running, S.RUNNING, S.PAUSED, S.STOPPED)
    if record.state is not S.RUNNING:
        tight.request(Trigger.RESUME, running)
    tight.reach_step(running, record.progress.position.step + 20)
    assert not list(tight.home.path.glob("*damaged*"))


def test_a_session_that_cannot_save_pauses_and_goes_on_once_there_is_room(tight: Workspace) -> None:
    running = tight.create(parameters={**CHEAP, "checkpoint_every": 0.1})
    tight.reach_step(running, 5)
    checkpoints = CheckpointFolder(tight.home.session(running) / folders.CHECKPOINTS)
    wait_until(checkpoints.manifests, "there is a checkpoint")
    fill(tight)

    paused = tight.reach(running, S.PAUSED)
    assert paused.cause is not None
    assert "disk full" in paused.cause
    assert "is safe" in paused.cause
    assert checkpoints.newest_valid() is not None
    pid = paused.worker_pid
    assert pid is not None
    assert psutil.pid_exists(pid)

    make_room(tight)
    tight.request(Trigger.RESUME, running)
    record = tight.reach_step(running, paused.progress.position.step + 20)
    assert (record.state, record.worker_pid, record.cause) == (S.RUNNING, pid, None)
    tight.request(Trigger.STOP, running)
    tight.reach(running, S.STOPPED)
    steps = [row.step for row in tight.rows(running) if row.split == "train"]
    assert steps == sorted(set(steps))


def stored_state(workspace: Workspace, session: int) -> S:
    return next(record.state for record in read_records(workspace.home) if record.id == session)
