"""`outliers`: answers of models to out-of-distribution images."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from mnist_tui.storage import folders
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.storage.datasets.dataset_folder import file_of
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.results.outlier_tests import OutlierTest, find_outlier_test
from mnist_tui.training.analysis.outlier_source import MAX_IMAGES, source_key
from mnist_tui.training.parameters.image_sources import SIGNS, OutlierSource, PictureError
from mnist_tui.tui.cli.selection import select
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.terminal.output import output_width, write
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from mnist_tui.storage.records import CheckpointInfo, SessionRecord
    from mnist_tui.tui.cli.context import CliContext
    from mnist_tui.tui.reports.outlier_report import OutlierResult

DEFAULT_COUNT = 100


@click.command()
@click.argument("words", metavar="ID...", nargs=-1, required=True)
@click.option("--images", "folder", metavar="DIR", help="A folder of PNG or JPEG files of any size")
@click.option(
    "--dataset", type=click.Choice(list(DATASETS)), help="The first test images of another dataset"
)
@click.option(
    "--count",
    type=click.IntRange(1, MAX_IMAGES),
    help=f"How many of that dataset  [default: {DEFAULT_COUNT}]",
)
@click.option("--best", "is_best", is_flag=True, help="To the best weights, not the last ones")
@click.option("--json", "is_json", is_flag=True, help="As a JSON object, with all probabilities")
@click.pass_obj
def outliers(
    setup: CliContext,
    words: tuple[str, ...],
    folder: str | None,
    dataset: str | None,
    count: int | None,
    is_best: bool,
    is_json: bool,
) -> None:
    """Test the models of sessions (IDs, names or filters) with out-of-distribution images.

    The images are signs that the program draws, unless --images or --dataset names others. What a
    model answers is shown with how well its scores separate these images from its test set.
    """
    from mnist_tui.tui.reports.outlier_report import as_plain, report_lines  # noqa: PLC0415 — numpy, 70 ms

    if folder is not None and dataset is not None:
        raise click.UsageError("Give either --images or --dataset, not both.")
    if count is not None and dataset is None:
        raise click.UsageError("--count is of the images of a --dataset; name one.")
    chosen = select(setup.read_records()[0], words, setup.home)
    asked = [
        (
            record,
            _checkpoint(setup, record, is_best=is_best),
            _source(setup, record, folder, dataset, count or DEFAULT_COUNT),
        )
        for record in chosen
    ]
    shown = [_shown(setup, *each, is_best=is_best) for each in asked]
    if len({each.test.names for each in shown}) > 1:
        raise click.ClickException("The images changed while they were shown; try again.")
    if is_json:
        json_output.write_object(as_plain(shown))
    else:
        write(report_lines(shown, output_width()))


def _checkpoint(setup: CliContext, record: SessionRecord, *, is_best: bool) -> CheckpointInfo:
    """Return the manifest of the checkpoint that is meant."""
    checkpoints = CheckpointFolder(setup.home.session(record.id) / folders.CHECKPOINTS)
    info = checkpoints.best() if is_best else next(reversed(checkpoints.manifests()), None)
    if info is None:
        what = "no validation yet whose weights were the best" if is_best else "no checkpoint yet"
        raise click.ClickException(
            f"#{record.id} {printable(record.name)} has {what};"
            " let it train until it has saved one, then try again."
        )
    return info


def _source(
    setup: CliContext, record: SessionRecord, folder: str | None, dataset: str | None, count: int
) -> OutlierSource:
    if folder is not None:
        return OutlierSource(kind="folder", path=str(Path(folder).expanduser().absolute()))
    if dataset is None:
        return SIGNS
    if dataset == record.parameters["dataset"]:
        raise click.ClickException(
            f"{dataset} is what #{record.id} {printable(record.name)} was trained on;"
            " choose another dataset."
        )
    data_dir = _folder_of(dataset, (Path(record.data_dir), setup.data_dir))
    return OutlierSource(kind="dataset", path=str(data_dir), dataset=dataset, count=count)


def _folder_of(dataset: str, data_dirs: tuple[Path, ...]) -> Path:
    for data_dir in data_dirs:
        if file_of(data_dir, dataset, "test", "images").exists():
            return data_dir
    raise click.ClickException(
        f"{dataset} is not in {printable(data_dirs[-1])}; name the folder that has it with"
        f" --data-dir, or let `mnist-tui new --dataset {dataset}` download it."
    )


def _shown(
    setup: CliContext,
    record: SessionRecord,
    info: CheckpointInfo,
    source: OutlierSource,
    *,
    is_best: bool,
) -> OutlierResult:
    """Return the test of the very weights that is stored, or one that a task does now."""
    from mnist_tui.tui.reports.outlier_report import shown_of  # noqa: PLC0415 — as above

    try:
        key = source_key(source)
    except PictureError as error:
        raise click.ClickException(printable(error)) from error
    found = find_outlier_test(setup.home.session(record.id), info, key)
    if found is not None:
        with suppress(StorageError):  # damaged answers are replaced
            return shown_of(setup.home, record, found)
    return shown_of(setup.home, record, _ask(setup, record, source, is_best=is_best))


def _ask(
    setup: CliContext, record: SessionRecord, source: OutlierSource, *, is_best: bool
) -> OutlierTest:
    from mnist_tui.training.protocol.requests import ShowOutliers  # noqa: PLC0415 — 15 ms, as stored needs none
    from mnist_tui.tui.cli.progress_request import request_with_progress  # noqa: PLC0415 — the same

    who = f"#{record.id}: "
    with setup.connect_or_start() as client:
        answer = request_with_progress(
            client,
            ShowOutliers,
            first=f"{who}the network is being loaded…",
            prefix=who,
            session_id=record.id,
            source=source,
            is_best=is_best,
        )
    return msgspec.convert(answer, OutlierTest)
