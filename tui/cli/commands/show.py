"""`show`: everything there is to know about one session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from mnist_tui.storage import folders
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.datasets.dataset_folder import inspect
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.history import read_history
from mnist_tui.storage.records import SessionState
from mnist_tui.storage.results.evaluations import newest_evaluation
from mnist_tui.training.parameters.exactness import exact_resume
from mnist_tui.training.parameters.expected_fingerprint import present_fingerprint
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.training.parameters.labels import MAX_LABEL_LENGTH
from mnist_tui.training.parameters.split_sizes import SplitChoice, SplitError, split_sizes
from mnist_tui.training.sessions.progress import batches_per_s, summary_row, waiting_for
from mnist_tui.training.sessions.queue import queue_places
from mnist_tui.tui.cli.selection import select_one
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.reports.evaluation_report import summary_of
from mnist_tui.tui.terminal.output import write
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.text_table import TextColumn, render

if TYPE_CHECKING:
    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.cli.context import CliContext

MAX_HISTORY = 20


@click.command()
@click.argument("word", metavar="ID")
@click.option(
    "--layers",
    "has_layers",
    is_flag=True,
    help="With the network layer by layer; the supervisor is asked, and started where none runs",
)
@click.option("--json", "is_json", is_flag=True, help="As a JSON object")
@click.pass_obj
def show(setup: CliContext, word: str, has_layers: bool, is_json: bool) -> None:
    """Show one session: state, figures, parameters, checkpoints and history."""
    records, _ = setup.read_records()
    record = select_one(records, word, setup.home)
    details = _details(record, setup.home)
    if has_layers:
        details["layers"] = _ask_layers(setup, record)
    if is_json:
        json_output.write_object(details)
    else:
        write(_page(record, queue_places(records).get(record.id), details))


def _details(record: SessionRecord, home: Home) -> dict[str, Any]:
    folder = home.session(record.id)
    checkpoints = CheckpointFolder(folder / folders.CHECKPOINTS).manifests()
    is_exact, reason = exact_resume(record.fingerprint, present_fingerprint(record))
    return {
        **summary_row(record),
        "batches_per_s": batches_per_s(record) if record.state is SessionState.RUNNING else None,
        "peak_memory_bytes": record.progress.peak_memory_bytes,
        "parameters": record.parameters,
        "num_parameters": record.num_parameters,
        "num_images": _images(record),
        "checkpoints": msgspec.to_builtins(checkpoints),
        "evaluation": summary_of(newest_evaluation(folder)),
        "history": msgspec.to_builtins(read_history(folder / folders.HISTORY)),
        "exact_resume": is_exact,
        "exact_resume_reason": reason,
    }


def _images(record: SessionRecord) -> dict[str, int] | None:
    """Return how many images each split has; None where the dataset is not here or another."""
    try:
        sizes = inspect(Path(record.data_dir), str(record.parameters["dataset"]))
        return split_sizes(sizes, SplitChoice.of(record.parameters))._asdict()
    except (StorageError, SplitError, KeyError):
        return None


def _ask_layers(setup: CliContext, record: SessionRecord) -> list[dict[str, Any]]:
    from mnist_tui.training.protocol.requests import Summarize  # noqa: PLC0415 — 15 ms that most calls do without

    with setup.connect_or_start() as client:
        summary = client.request(
            Summarize,
            parameters=record.parameters,
            data_dir=record.data_dir,
            environment=record.environment,
        )
    layers: list[dict[str, Any]] = summary["layers"]
    return layers


def _page(record: SessionRecord, place: int | None, details: dict[str, Any]) -> list[str]:
    return [
        *_heading(record, place, details),
        "",
        *_parameters(record),
        "",
        *(_layers(details["layers"]) if "layers" in details else ()),
        *_checkpoints(details["checkpoints"]),
        "",
        *_history(details["history"]),
    ]


def _heading(record: SessionRecord, place: int | None, details: dict[str, Any]) -> list[str]:
    look = formatting.state_look(record)
    cause = waiting_for(record, place)
    figures = record.progress
    peak = figures.peak_memory_bytes
    is_exact = details["exact_resume"]
    pairs = {
        "name": record.name,
        "state": f"{look.glyph} {look.word}" + (f": {cause}" if cause else ""),
        "tags": ", ".join(record.tags),
        "note": record.note,
        "pinned": "yes" if record.is_pinned else "",
        "epoch": f"{formatting.epochs(record)}, step {figures.position.step:,}",
        "train": _scores(figures.train_loss, figures.train_accuracy),
        "validation": _scores(figures.val_loss, figures.val_accuracy),
        "test": _scores(figures.test_loss, figures.test_accuracy),
        "evaluation": _evaluation(details["evaluation"]),
        "outlier AUROC": ""
        if record.outlier_auroc is None
        else formatting.area(record.outlier_auroc),
        "images": ", ".join(
            f"{count:,} {split}" for split, count in (details["num_images"] or {}).items()
        ),
        "weights": f"{record.num_parameters:,}" if record.num_parameters else "",
        "device": ", ".join(filter(None, (record.device, record.fingerprint.get("precision")))),
        "peak memory": "" if peak is None else formatting.num_bytes(peak),
        "created": record.created_at,
        "exact resume": "yes" if is_exact else f"no: {details['exact_resume_reason']}",
    }
    return [f"Session #{record.id}", *_aligned(pairs)]


def _scores(loss: float | None, accuracy: float | None) -> str:
    if loss is None and accuracy is None:
        return ""
    return f"loss {formatting.loss(loss)}, accuracy {formatting.percent(accuracy)} %"


def _evaluation(summary: dict[str, Any] | None) -> str:
    if summary is None:
        return ""
    return (
        f"accuracy {formatting.percent(summary['accuracy'])} %, calibration error"
        f" {formatting.percent(summary['ece'])} % with the weights of step {summary['step']:,}"
    )


def _parameters(record: SessionRecord) -> list[str]:
    pairs = {
        name: f"{field.show(record.parameters.get(name))} {field.unit}".strip()
        for name, field in FIELDS.items()
        if record.parameters.get(name) is not None
    }
    return ["Parameters", *_aligned(pairs)]


def _aligned(pairs: dict[str, str]) -> list[str]:
    width = max(map(len, pairs))
    return [f"  {name:<{width}}  {printable(text)}" for name, text in pairs.items() if text]


def _layers(layers: list[dict[str, Any]]) -> list[str]:
    columns = (
        TextColumn("LAYER"),
        TextColumn("KIND"),
        TextColumn("OUTPUT SHAPE"),
        TextColumn("WEIGHTS", is_right=True),
    )
    rows = [
        [
            printable(layer["name"]),
            printable(layer["kind"]),
            "×".join(map(str, layer["shape"])),
            f"{layer['num_parameters']:,}",
        ]
        for layer in layers
    ]
    return ["Network", *(f"  {line}" for line in render(columns, rows)), ""]


def _checkpoints(checkpoints: list[dict[str, Any]]) -> list[str]:
    if not checkpoints:
        return ["Checkpoints: none yet"]
    columns = (
        TextColumn("STEP", is_right=True),
        TextColumn("EPOCH", is_right=True),
        TextColumn("REASON"),
        TextColumn("SIZE", is_right=True),
        TextColumn("WRITTEN"),
        TextColumn("NAME"),
    )
    rows = [
        [
            f"{info['position']['step']:,}",
            f"{info['epoch']:.2f}",
            printable(info["reason"]) + (" (best)" if info["is_best"] else ""),
            formatting.num_bytes(info["num_bytes"]),
            printable(info["created_at"]),
            printable(info["name"], MAX_LABEL_LENGTH),
        ]
        for info in checkpoints
    ]
    return ["Checkpoints", *(f"  {line}" for line in render(columns, rows))]


def _history(history: list[dict[str, Any]]) -> list[str]:
    if not history:
        return ["History: empty"]
    columns = (
        TextColumn("TIME"),
        TextColumn("WHAT"),
        TextColumn("STEP", is_right=True),
        TextColumn("RESULT"),
    )
    rows = [
        [
            printable(row["requested_at"] or row["done_at"] or ""),
            printable(" by ".join(filter(None, [row["command"] or "change", row["by"]]))),
            "" if row["step"] is None else f"{row['step']:,}",
            printable(("refused: " if row["is_refused"] else "") + row["result"]),
        ]
        for row in history[-MAX_HISTORY:]
    ]
    return ["History", *(f"  {line}" for line in render(columns, rows))]
