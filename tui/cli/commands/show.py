"""`show`: everything that is known about one session."""

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
from mnist_tui.training.parameters.split_sizes import SplitChoice, SplitError, split_sizes
from mnist_tui.training.sessions.progress import batches_per_s, summary_row, waiting_for
from mnist_tui.training.sessions.queue import queue_places
from mnist_tui.tui.cli.selection import select_one
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.reports.evaluation_report import summary_of
from mnist_tui.tui.sessions.session_tables import (
    SHOWN_OF_CHECKPOINTS,
    checkpoint_table,
    history_view,
    layer_table,
    parameter_table,
)
from mnist_tui.tui.terminal.output import write
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.figures import FIGURES, phrase
from mnist_tui.tui.text.table import Facts, Section
from mnist_tui.tui.text.text_writer import page_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mnist_tui.storage.history import CommandHistory
    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import CheckpointInfo, SessionRecord
    from mnist_tui.tui.cli.context import CliContext
    from mnist_tui.tui.text.figures import Column, Value
    from mnist_tui.tui.text.table import Cell

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
    folder = setup.home.session(record.id)
    checkpoints = CheckpointFolder(folder / folders.CHECKPOINTS).manifests()
    history = read_history(folder / folders.HISTORY)
    details = _details(record, setup.home, checkpoints, history)
    layers = _ask_layers(setup, record) if has_layers else None
    if is_json:
        json_output.write_object(details | ({} if layers is None else {"layers": layers}))
        return
    facts = _facts(record, queue_places(records).get(record.id), details)
    write(page_text(_sections(facts, _parameters(record), layers, checkpoints, history)))


def _details(
    record: SessionRecord,
    home: Home,
    checkpoints: Sequence[CheckpointInfo],
    history: Sequence[CommandHistory],
) -> dict[str, Any]:
    is_exact, reason = exact_resume(record.fingerprint, present_fingerprint(record))
    return {
        **summary_row(record),
        "batches_per_s": batches_per_s(record) if record.state is SessionState.RUNNING else None,
        "peak_memory_bytes": record.progress.peak_memory_bytes,
        "parameters": record.parameters,
        "num_parameters": record.num_parameters,
        "num_images": _images(record),
        "checkpoints": msgspec.to_builtins(checkpoints),
        "evaluation": summary_of(newest_evaluation(home.session(record.id))),
        "history": msgspec.to_builtins(history),
        "exact_resume": is_exact,
        "exact_resume_reason": reason,
    }


def _images(record: SessionRecord) -> dict[str, int] | None:
    """Return how many images each split has; None if the dataset is not here or another."""
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


def _facts(record: SessionRecord, place: int | None, details: dict[str, Any]) -> Facts:
    look = formatting.state_look(record)
    cause = waiting_for(record, place)
    figures = record.progress
    peak = figures.peak_memory_bytes
    images = (details["num_images"] or {}).items()
    reason = details["exact_resume_reason"]
    rows: list[tuple[Column | str, Value | Cell]] = [
        ("name", record.name),
        ("state", f"{look.glyph} {look.word}" + (f": {cause}" if cause else "")),
        ("tags", ", ".join(record.tags)),
        ("note", record.note),
        ("pinned", "yes" if record.is_pinned else ""),
        ("epoch", f"{formatting.epochs(record)}, step {figures.position.step:,}"),
        ("train", _scores("train", figures.train_loss, figures.train_accuracy)),
        ("validation", _scores("val", figures.val_loss, figures.val_accuracy)),
        ("test", _scores("test", figures.test_loss, figures.test_accuracy)),
        ("evaluation", _evaluation(details["evaluation"])),
        (FIGURES["outlier_auroc"], _or_empty(record.outlier_auroc)),
        ("images", ", ".join(f"{count:,} {split}" for split, count in images)),
        (FIGURES["num_parameters"], _or_empty(record.num_parameters)),
        ("device", ", ".join(filter(None, (record.device, record.fingerprint.get("precision"))))),
        (FIGURES["peak_memory_bytes"], _or_empty(peak)),
        ("created", record.created_at),
        ("exact resume", "yes" if details["exact_resume"] else f"no: {reason}"),
    ]
    return Facts(f"Session #{record.id}", rows)


def _or_empty(value: float | None) -> Value | Cell:
    """Return a figure, or what leaves it out of the facts if it is absent."""
    return "" if value is None else value


def _scores(split: str, loss: float | None, accuracy: float | None) -> str:
    if loss is None and accuracy is None:
        return ""
    scores = phrase(f"{split}_loss", loss, "loss")
    return f"{scores}, {phrase(f'{split}_accuracy', accuracy, 'accuracy')}"


def _evaluation(summary: dict[str, Any] | None) -> str:
    if summary is None:
        return ""
    return (
        f"{phrase('accuracy', summary['accuracy'])},"
        f" {phrase('ece', summary['ece'], 'calibration error')} with the weights of step"
        f" {summary['step']:,}"
    )


def _parameters(record: SessionRecord) -> Facts:
    rows = parameter_table(record).rows
    return Facts(
        "Parameters", [(str(name), f"{value} {unit}".strip()) for name, value, unit in rows]
    )


def _sections(
    facts: Facts,
    parameters: Facts,
    layers: Sequence[dict[str, Any]] | None,
    checkpoints: Sequence[CheckpointInfo],
    history: Sequence[CommandHistory],
) -> Iterator[Section]:
    yield Section(facts.title, (facts,))
    yield Section(parameters.title, (parameters,))
    if layers is not None:
        yield Section("Network", (layer_table(layers),))
    if checkpoints:
        table = checkpoint_table(checkpoints).select(*SHOWN_OF_CHECKPOINTS)
        yield Section("Checkpoints", (table,))
    else:
        yield Section("Checkpoints: none yet", ())
    if history:
        yield Section("History", (history_view(history[-MAX_HISTORY:]),))
    else:
        yield Section("History: empty", ())
