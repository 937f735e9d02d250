"""Another user of the same machine gets nothing: no connection, no file, no signal, no trap."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.storage.home import MARKER, Home, find_home
from tests.deadlines import patient, wait_until
from tests.system.command import environment, mnist_tui

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness import Workspace

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can act as another user")

NOBODY, VICTIM = 65_534, 54_321
PROBE = """
import json, os, signal, socket, sys
given = json.loads(sys.argv[1])
home, files, pids = given["home"], given["files"], given["pids"]
def connect():
    with socket.socket(socket.AF_UNIX) as probe: probe.connect(home + "/supervisor.sock")
probes = {"connect": connect, "list": lambda: os.listdir(home), "enter": lambda: os.chdir(home)}
for name in files:
    probes["read " + name] = lambda name=name: open(os.path.join(home, name), "rb").read(1)
for what, pid in pids.items():
    probes["signal " + what] = lambda pid=pid: os.kill(pid, 0)
    probes["environment of " + what] = lambda pid=pid: open(f"/proc/{pid}/environ", "rb").read(1)
    probes["descriptors of " + what] = lambda pid=pid: os.listdir(f"/proc/{pid}/fd")
    probes["memory of " + what] = lambda pid=pid: open(f"/proc/{pid}/mem", "rb")
if given["uid"]:
    probes["plant"] = lambda: open(home + "/planted", "x")
    probes["plant a session"] = lambda: os.mkdir(home + "/99")
    probes["write to the registry"] = lambda: open(home + "/registry.journal", "ab")
    probes["take the lock"] = lambda: open(home + "/supervisor.lock", "r+b")
    probes["replace the socket"] = lambda: os.unlink(home + "/supervisor.sock")
    probes["move the home"] = lambda: os.rename(home, home + "-moved")
    probes["open up the home"] = lambda: os.chmod(home, 0o777)
    os.setgroups([]); os.setgid(given["uid"]); os.setuid(given["uid"])
result = {}
for name, probe in probes.items():
    try:
        probe()
        result[name] = "got in"
    except PermissionError:
        result[name] = "refused"
    except FileNotFoundError:
        pass  # training goes on, and its temporary files and oldest checkpoints go
print(json.dumps(result))
"""
AS_VICTIM = """
import json, os, sys
import platformdirs, hashlib
from mnist_tui.storage.datasets import dataset_folder
from mnist_tui.storage.registry import registry_reader
from mnist_tui.training.parameters import settings
from mnist_tui.training.protocol import start_supervisor
from mnist_tui.tui.cli.commands import ls, new, supervisor
from mnist_tui.tui.__main__ import main
os.setgroups([]); os.setgid({uid}); os.setuid({uid})
sys.exit(max(main(words) for words in json.loads(sys.argv[1])))
"""


def probe(workspace: Workspace, uid: int, session_id: int) -> dict[str, str]:
    """Try everything as user `uid`, 0 for ourselves; return what came of each."""
    paths = [path for path in workspace.home.path.rglob("*") if path.is_file()]
    files = sorted(str(path.relative_to(workspace.home.path)) for path in paths)
    supervisor = workspace.supervisor_pid()
    pids = {"supervisor": supervisor, "worker": workspace.record(session_id).worker_pid}
    given = {"home": str(workspace.home.path), "files": files, "pids": pids, "uid": uid}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(given)], capture_output=True, text=True, check=True
    )
    outcomes: dict[str, str] = json.loads(done.stdout)
    return outcomes


def test_another_user_is_refused_everything(workspace: Workspace) -> None:
    session_id = workspace.create(
        parameters={"epochs": 100_000, "log_every": 1, "checkpoint_every": 1}
    )
    folder = workspace.home.session(session_id)
    wait_until(lambda: list(folder.glob("checkpoints/*.pt")), "there is a checkpoint", 60)

    theirs = probe(workspace, NOBODY, session_id)
    assert {name for name, outcome in theirs.items() if outcome != "refused"} == set()
    expected = {"connect", "list", "read registry.journal", "read audit.jsonl", "signal worker"}
    expected |= {f"read {session_id}/{name}" for name in ("metrics.jsonl", "session.json")}
    assert expected < set(theirs)
    assert any(name.endswith(".pt") for name in theirs)
    assert len(theirs) >= 12

    # The probes see: for ourselves every one of them succeeds.
    ours = probe(workspace, 0, session_id)
    assert {name for name, outcome in ours.items() if outcome != "got in"} == set()
    assert workspace.record(session_id).worker_pid


def test_no_file_would_be_readable_even_if_the_home_were_opened(workspace: Workspace) -> None:
    session_id = workspace.create(parameters={"epochs": 100_000, "checkpoint_every": 1})
    folder = workspace.home.session(session_id)
    wait_until(lambda: list(folder.glob("checkpoints/*.json")), "there is a checkpoint", 60)
    open_to_others = [
        f"{path.relative_to(workspace.home.path)} {stat.filemode(path.lstat().st_mode)}"
        for path in workspace.home.path.rglob("*")
        if path.lstat().st_mode & 0o077
    ]
    assert open_to_others == []


@pytest.fixture
def victims_home() -> Iterator[Path]:
    """A folder of a third user whose path is too long for a socket in it."""
    top = Path(tempfile.mkdtemp(prefix="mt-"))
    home = top / ("long-" * 20)
    home.mkdir(mode=0o700)
    for folder in (top, home):
        os.chown(folder, VICTIM, VICTIM)
    yield home
    shutil.rmtree(top, ignore_errors=True)


@pytest.fixture
def socket_folder() -> Iterator[Path]:
    """Where the victim's socket would lie; made by each test as an attacker would."""
    folder = Path(f"/tmp/mnist-tui-{VICTIM}")
    assert not folder.exists()
    yield folder
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def as_victim(home: Path, *lines: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-c", AS_VICTIM.format(uid=VICTIM), json.dumps(lines)],
        env=environment(MNIST_TUI_HOME=home, XDG_CONFIG_HOME="/nonexistent"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patient(60),
        check=False,
    )


def assert_refused(done: Any, *reasons: str) -> None:
    assert done.returncode == 1, done
    assert done.stdout == ""
    for line in done.stderr.splitlines():
        assert line.endswith(".")
        assert any(reason in line for reason in reasons), line


EVERY_COMMAND = (["ls"], ["supervisor", "start"], ["new"], ["supervisor", "status"])


def test_a_socket_folder_made_by_another_user_is_refused(
    victims_home: Path, socket_folder: Path
) -> None:
    socket_folder.mkdir(mode=0o777)
    os.chown(socket_folder, NOBODY, NOBODY)
    socket_folder.chmod(0o777)
    assert_refused(as_victim(victims_home, *EVERY_COMMAND), "belongs to another user")
    assert list(socket_folder.iterdir()) == []


def test_a_socket_folder_that_is_a_link_is_refused(victims_home: Path, socket_folder: Path) -> None:
    own = victims_home.parent / "own"
    own.mkdir(mode=0o755)
    os.chown(own, VICTIM, VICTIM)
    socket_folder.symlink_to(own)
    os.lchown(socket_folder, NOBODY, NOBODY)
    assert_refused(as_victim(victims_home, *EVERY_COMMAND), "is not a folder")
    assert list(own.iterdir()) == []
    assert own.stat().st_mode & 0o777 == 0o755


def test_an_impostor_that_listens_there_is_never_spoken_to(
    victims_home: Path, socket_folder: Path
) -> None:
    socket_folder.mkdir(mode=0o777)
    socket_folder.chmod(0o777)
    os.chown(socket_folder, NOBODY, NOBODY)
    name = socket_name(victims_home)
    with socket.socket(socket.AF_UNIX) as impostor:
        impostor.bind(str(socket_folder / name))
        (socket_folder / name).chmod(0o777)
        impostor.listen()
        impostor.setblocking(False)
        assert_refused(as_victim(victims_home, *EVERY_COMMAND), "belongs to another user")
        with pytest.raises(BlockingIOError):
            impostor.accept()


def socket_name(home: Path) -> str:
    """Return what the socket of `home` is called where it does not lie in it."""
    found = Home(home).socket
    assert found.parent != home
    return found.name


def test_a_home_that_leads_to_another_users_folder_is_refused(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o777)
    os.chown(theirs, NOBODY, NOBODY)
    link = tmp_path / "link"
    link.symlink_to(theirs)
    for words in EVERY_COMMAND:
        assert_refused(mnist_tui(Home(link), *words), "belongs to another user")
    assert list(theirs.iterdir()) == []


def test_a_checkouts_marker_of_another_user_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "sessions" / MARKER
    marker.parent.mkdir()
    marker.write_text("")
    monkeypatch.chdir(tmp_path)
    assert find_home(None, {}).path == marker.parent
    os.chown(marker, NOBODY, NOBODY)
    assert find_home(None, {}).path != marker.parent
