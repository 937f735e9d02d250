"""`evaluate`: how well a session's model answers the test set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from mnist_tui.storage import folders
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.results.evaluations import Evaluation, find_evaluation
from mnist_tui.training.protocol.requests import Evaluate
from mnist_tui.tui.cli.progress_request import request_with_progress
from mnist_tui.tui.cli.selection import select_one
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.reports.evaluation_report import details_of, report_lines
from mnist_tui.tui.terminal.output import write
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from mnist_tui.storage.records import CheckpointInfo, SessionRecord
    from mnist_tui.tui.cli.context import CliContext


@click.command()
@click.argument("word", metavar="ID")
@click.option("--best", "is_best", is_flag=True, help="With the best weights, not the last ones")
@click.option("--json", "is_json", is_flag=True, help="As a JSON object")
@click.pass_obj
def evaluate(setup: CliContext, word: str, is_best: bool, is_json: bool) -> None:
    """Score the test images with a session's last checkpoint, or show the score there is.

    Works in any state, also while the session trains.
    """
    record = select_one(setup.read_records()[0], word, setup.home)
    folder = setup.home.session(record.id)
    info = _checkpoint(setup, record, is_best=is_best)
    evaluation = find_evaluation(folder, info)
    if evaluation is None:
        evaluation = _ask(setup, record, is_best=is_best)
        # A session that trains may have saved a newer one meanwhile.
        info = _scored_checkpoint(setup, record, evaluation) or info
    details = details_of(setup.home, record, evaluation, info)
    if is_json:
        json_output.write_object(details)
    else:
        write(report_lines(details))


def _checkpoint(setup: CliContext, record: SessionRecord, *, is_best: bool) -> CheckpointInfo:
    """Return the manifest of the checkpoint that is meant."""
    checkpoints = _checkpoints(setup, record)
    info = checkpoints.best() if is_best else next(reversed(checkpoints.manifests()), None)
    if info is None:
        what = "no validation yet whose weights were the best" if is_best else "no checkpoint yet"
        raise click.ClickException(
            f"#{record.id} {printable(record.name)} has {what};"
            " let it train until it has saved one, then try again."
        )
    return info


def _scored_checkpoint(
    setup: CliContext, record: SessionRecord, evaluation: Evaluation
) -> CheckpointInfo | None:
    weights = evaluation.step, evaluation.generation
    infos = reversed(_checkpoints(setup, record).manifests())
    return next((info for info in infos if (info.position.step, info.generation) == weights), None)


def _checkpoints(setup: CliContext, record: SessionRecord) -> CheckpointFolder:
    return CheckpointFolder(setup.home.session(record.id) / folders.CHECKPOINTS)


def _ask(setup: CliContext, record: SessionRecord, *, is_best: bool) -> Evaluation:
    loading = f"#{record.id}: the network is being loaded…"
    with setup.connect_or_start() as client:
        answer = request_with_progress(
            client, Evaluate, first=loading, session_id=record.id, is_best=is_best
        )
    return msgspec.convert(answer, Evaluation)
