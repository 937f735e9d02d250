"""The checkpoints of a session, as their manifests tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from mnist_tui.storage import folders
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.errors import StorageError
from mnist_tui.training.parameters.labels import MAX_LABEL_LENGTH
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import raw_table

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_tui.storage.records import CheckpointInfo
    from mnist_tui.tui.text.table import Table

HEADER = (
    f"{'STEP':>9}  {'EPOCH':>7}  {'REASON':<10}  {'SIZE':>9}  {'':<4}  {'WRITTEN (UTC)':<19}  NAME"
)

TABLE_COLUMNS = (
    "step", "epoch", "reason", "bytes", "is_best", "written", "name", "file", "sha256",
)  # fmt: skip


def list_checkpoints(session_folder: Path) -> Content:
    """Return the checkpoints of a session, newest first; reads files."""
    try:
        infos = _manifests(session_folder)
    except StorageError as error:
        return Content(printable(error))
    if not infos:
        return Content("no checkpoint yet: one is written at pause, stop and while training")
    lines = [Content(_line(info)) for info in reversed(infos)]
    return Content("\n").join([Content.styled(HEADER, "$text-muted"), *lines])


def checkpoint_table(session_folder: Path) -> Table:
    """Return the checkpoints for a file, newest first; reads files.

    Raises:
        StorageError: They cannot be read.
    """
    rows = [
        (info.position.step, info.epoch, info.reason, info.num_bytes, info.is_best,
         info.created_at, info.name or None, info.file, info.sha256)
        for info in reversed(_manifests(session_folder))
    ]  # fmt: skip
    return raw_table("checkpoints", TABLE_COLUMNS, list(rows))


def _manifests(session_folder: Path) -> list[CheckpointInfo]:
    return CheckpointFolder(session_folder / folders.CHECKPOINTS).manifests()


def _line(info: CheckpointInfo) -> str:
    written = printable(info.created_at, 30)[:19].replace("T", " ")
    best = "best" if info.is_best else ""
    name = printable(info.name, MAX_LABEL_LENGTH)
    return (
        f"{info.position.step:>9,}  {info.epoch:>7.2f}  {printable(info.reason, 10):<10}"
        f"  {formatting.num_bytes(info.num_bytes):>9}  {best:<4}  {written:<19}  {name}"
    ).rstrip()
