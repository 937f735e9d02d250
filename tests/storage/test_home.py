from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.home import MAX_SOCKET_PATH_BYTES, Home, find_home

needs_root = pytest.mark.skipif(
    os.getuid() != 0, reason="only root can give a folder to another user"
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_home_is_made_private_with_its_parents(tmp_path: Path) -> None:
    home = Home(tmp_path / "a" / "b")
    home.prepare()
    home.prepare()
    assert mode(home.path) == 0o700


def test_a_home_open_to_others_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    Home(tmp_path).prepare()
    assert mode(tmp_path) == 0o700


@needs_root
def test_the_home_of_another_user_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "home"
    path.mkdir(mode=0o755)
    os.chown(path, 12345, 12345)
    for act in (Home(path).prepare, Home(path).require_ours):
        with pytest.raises(StorageError) as caught:
            act()
        assert str(caught.value) == (
            f"The home {path} belongs to another user; choose your own with --home DIR."
        )
    assert mode(path) == 0o755
    assert list(path.iterdir()) == []


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("")
    with pytest.raises(StorageError) as caught:
        Home(path).require_ours()
    assert str(caught.value) == (
        f"The home {path} is not a folder; choose another with --home DIR."
    )
    with pytest.raises(StorageError, match="cannot be used"):
        Home(path).prepare()


def test_a_home_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    home = Home(tmp_path / "file" / "home")
    with pytest.raises(StorageError) as caught:
        home.prepare()
    assert str(caught.value) == (
        f"The home {home.path} cannot be used (Not a directory); choose another with --home DIR."
    )


def test_a_link_to_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").symlink_to(tmp_path / "nowhere")
    with pytest.raises(StorageError, match="--home DIR"):
        Home(tmp_path / "home").prepare()
    assert not (tmp_path / "nowhere").exists()


def test_a_missing_home_is_fine_to_read_and_is_not_made(tmp_path: Path) -> None:
    Home(tmp_path / "gone").require_ours()
    assert not (tmp_path / "gone").exists()


def test_a_short_socket_path_lies_in_the_home(tmp_path: Path) -> None:
    assert Home(Path("/h")).socket == Path("/h/supervisor.sock")


def test_a_long_socket_path_is_short_private_and_its_own(tmp_path: Path) -> None:
    homes = [Home(tmp_path / (letter * 120)) for letter in "ab"]
    for home in homes:
        home.prepare()
        assert len(os.fsencode(home.socket)) <= MAX_SOCKET_PATH_BYTES
        assert mode(home.socket.parent) == 0o700
        assert home.socket == Home(home.path).socket
    assert homes[0].socket != homes[1].socket


def test_the_home_is_option_then_variable_then_checkout_then_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    (tmp_path / "sessions").mkdir()
    environment = {"MNIST_TUI_HOME": "/from/variable"}
    assert find_home("option", environment).path == tmp_path / "option"
    assert find_home(None, environment).path == Path("/from/variable")
    unmarked = find_home(None, {}).path
    assert unmarked.parent.name == "mnist-tui"
    (tmp_path / "sessions" / ".mnist-tui").write_text("")
    assert find_home(None, {}).path == tmp_path / "sessions"
    shutil.rmtree(tmp_path / "sessions")
    assert find_home(None, {}).path == unmarked


@needs_root
def test_a_marker_of_another_user_makes_no_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    marker = tmp_path / "sessions" / ".mnist-tui"
    marker.parent.mkdir()
    marker.write_text("")
    os.chown(marker, 12345, 12345)
    assert find_home(None, {}).path != tmp_path / "sessions"


def test_nothing_in_storage_but_idx_needs_numpy_and_nothing_needs_torch() -> None:
    script = (
        "import sys;"
        "from mnist_tui.storage import folders, history, home, lock;"
        "from mnist_tui.storage.checkpoints import checkpoint_folder, retention;"
        "from mnist_tui.storage.datasets import dataset_folder;"
        "from mnist_tui.storage.metrics import metric_log;"
        "from mnist_tui.storage.registry import registry;"
        "assert 'numpy' not in sys.modules;"
        "import mnist_tui.storage.datasets.idx_files;"
        "assert 'torch' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
