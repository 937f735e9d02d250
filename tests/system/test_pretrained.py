"""Pretrained weights are looked for before a session is made; what is wrong is said then."""

from __future__ import annotations

import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from mnist_tui.training.parameters.pretrained import PRETRAINED, weights_folder
from tests.system.command import json_of, mnist_tui, output_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.harness import Workspace

FILE = PRETRAINED["resnet50"].file_name


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the URL that a web server gives its files under."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_weights_that_cannot_be_had_are_told_and_nothing_is_made(
    workspace: Workspace, served: tuple[Path, str], tmp_path: Path
) -> None:
    folder, url = served
    env = {"TORCH_HOME": str(tmp_path / "torch")}
    place = weights_folder(env)
    before = ("--mirror", url, "--data-dir", workspace.data_dir, "new", "--model", "resnet50")

    done = mnist_tui(workspace.home, *before, env=env)
    assert done.returncode == 1
    assert f"({url}/{FILE}: the server answers 404 File not found)" in done.stderr
    assert f"Put {FILE} in {place}" in done.stderr
    assert "Traceback" not in done.stderr

    (folder / FILE).write_bytes(b"something else")
    done = mnist_tui(workspace.home, *before, env=env)
    assert done.returncode == 1
    assert "what came is not the published file" in done.stderr
    assert not (place / FILE).exists()

    (place / FILE).write_bytes(b"half of it")
    done = mnist_tui(workspace.home, *before, "--dry-run", env=env)
    assert done.returncode == 1
    assert f"The weights in {place / FILE} are damaged" in done.stderr

    assert json_of(workspace.home, "ls") == []


def test_without_pretrained_weights_nothing_is_looked_for(
    workspace: Workspace, tmp_path: Path
) -> None:
    env = {"TORCH_HOME": str(tmp_path / "torch")}
    nowhere = ("--mirror", "http://127.0.0.1:9/", "--data-dir", workspace.data_dir)
    chosen = ("--model", "densenet121", "--pretrained", "false", "--dry-run")
    output_of(workspace.home, *nowhere, "new", *chosen, env=env)
    assert not (tmp_path / "torch").exists()
