"""A stored home of twelve sessions, written by version 0.1.0, and the comparison with golden files.

`home.tar.xz` holds sessions in every state at rest, an evaluation, an outlier test, a profile,
named checkpoints (manifests only) and a study. The data they were trained on is replaced by images
of one bright bar each, so that nothing has to be downloaded.
"""

from __future__ import annotations

import difflib
import os
import re
import tarfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from mnist_tui.storage.datasets.dataset_folder import file_of, raw_folder
from mnist_tui.storage.datasets.idx_files import write_idx
from mnist_tui.storage.home import Home

FOLDER = Path(__file__).parent
ARCHIVE = FOLDER / "home.tar.xz"
DATA_MARK = "@DATA@"
"""Stands in the archive for the dataset folder."""
TIME = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
OF_THE_HOME = ("2026-12-01T15:14:", "2026-12-01T15:15:0")
"""How the times begin that stand in the archive."""
SPLIT_SIZES = {"train": 1_500, "test": 297}


def unpack(folder: Path) -> Home:
    """Unpack the home into `folder`, with its dataset beside it; return the home."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    home, data_dir = Home(folder / "home"), folder / "data"
    home.prepare()
    for path in (home.registry, *home.path.glob("*/session.json")):
        path.write_text(path.read_text().replace(DATA_MARK, str(data_dir)))
    _write_images(data_dir)
    return home


def _write_images(data_dir: Path) -> None:
    """Write digits whose images show a bar at the height of their class."""
    raw_folder(data_dir, "digits").mkdir(parents=True)
    for split, count in SPLIT_SIZES.items():
        labels = (np.arange(count) % 10).astype(np.uint8)
        pixels = np.zeros((count, 28, 28), np.uint8)
        pixels[np.arange(count), 4 + 2 * labels, 4:24] = 255
        write_idx(file_of(data_dir, "digits", split, "images"), pixels)
        write_idx(file_of(data_dir, "digits", split, "labels"), labels)


def masked(text: str, folder: Path) -> str:
    """Return `text` without what depends on this machine or day."""
    text = text.replace(str(folder / "home"), "HOME").replace(str(folder / "data"), "DATA")
    text = text.replace(str(folder), "FOLDER")
    text = re.sub(r'"time": \d{10}\.\d+', '"time": NOW', text)
    text = re.sub(r"before, .* now\b", "before, HERE now", text)
    for package in ("mnist-tui", "torch", "numpy"):
        text = re.sub(rf"\b({package}[ \"':=]+){re.escape(version(package))}", r"\1VERSION", text)
    return TIME.sub(lambda found: found[0] if found[0].startswith(OF_THE_HOME) else "NOW", text)


def compare(shown: str, path: Path, request: pytest.FixtureRequest) -> None:
    """Compare with the golden file; `--update-golden` writes it instead."""
    if request.config.getoption("--update-golden"):
        renew(path, shown)
    elif lines := difference(path, shown):
        pytest.fail("\n".join(lines), pytrace=False)


def renew(path: Path, shown: str) -> None:
    """Write a golden file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(shown)


def difference(path: Path, shown: str) -> list[str]:
    """Return a golden file and `shown` as a diff with advice; empty if they are the same."""
    expected = path.read_text() if path.exists() else ""
    names = f"golden {path.relative_to(FOLDER)}", "now"
    lines = [
        *difflib.unified_diff(expected.splitlines(), shown.splitlines(), *names, lineterm="", n=1)
    ]
    advice = "If this is meant, renew the file: pytest tests/golden --update-golden"
    return [*lines, "", advice] if lines else []


def steady(**changes: str) -> dict[str, str]:
    """Return the environment in which the golden files were made."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"LANG": "C.UTF-8", "TZ": "UTC", "TERM": "xterm-256color"} | changes
