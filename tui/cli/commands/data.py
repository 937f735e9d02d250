"""`data`: the datasets, and the content of one of them once it is split."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from mnist_tui.storage.datasets.dataset_catalog import DATASETS, IMAGE_SIDE
from mnist_tui.storage.datasets.dataset_folder import dataset_info, file_names, inspect, raw_folder
from mnist_tui.storage.datasets.user_datasets import own_names
from mnist_tui.storage.errors import DatasetDamagedError, DatasetMissingError
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.training.parameters.split_sizes import SplitChoice, SplitError
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.reports.parameter_table import value_text
from mnist_tui.tui.sessions.dataset_lines import (
    NUM_SAMPLES,
    about_lines,
    bar_lines,
    count_lines,
    how_to_get,
    sample_lines,
)
from mnist_tui.tui.terminal.image_colors import colored
from mnist_tui.tui.terminal.image_graphics import tile_drawer
from mnist_tui.tui.terminal.output import output_width, say, write
from mnist_tui.tui.text.figures import BYTES, COUNT, Column, Kind
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY
from mnist_tui.tui.text.table import Table
from mnist_tui.tui.text.text_writer import table_text

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_tui.tui.cli.context import CliContext
    from mnist_tui.tui.sessions.dataset_survey import Survey

PRESENCE = Kind({"True": "yes", "False": "no", "None": "damaged"}.__getitem__, is_right=False)
COLUMNS = (
    Column("name"),
    Column("num_train", COUNT, "TRAIN"),
    Column("num_test", COUNT, "TEST"),
    Column("num_classes", COUNT, "CLASSES"),
    Column("is_here", PRESENCE, "HERE"),
    Column("disk_bytes", BYTES, "ON DISK"),
    Column("source", heading="WHAT IT IS", drop=1),
)
SEED_HELP = "Decides which images a fraction has"


def _choice_option(name: str) -> click.Option:
    field = FIELDS[name]
    return click.Option(
        [f"--{name}"],
        metavar=value_text(field),
        help=SEED_HELP if name == "seed" else field.help,
    )


@click.pass_obj
def _data(setup: CliContext, /, dataset: str | None, is_json: bool, **options: str | None) -> None:
    if dataset is None:
        if given := [name for name, text in options.items() if text is not None]:
            raise click.UsageError(f"--{given[0]} needs the name of a dataset, such as mnist.")
        _tell_all(setup.data_dir, is_json=is_json)
        return
    known = (*DATASETS, *own_names(setup.data_dir))
    if dataset not in known:
        raise click.ClickException(
            f"There is no dataset {printable(dataset)!r}; known are {', '.join(known)}."
            " `mnist-tui new --dataset DIR` makes one of a folder of pictures."
        )
    survey = _survey(setup.data_dir, dataset, _choice(options))
    if is_json:
        json_output.write_object(_as_plain(survey))
    else:
        write(_page(survey))


data = click.Command(
    "data",
    params=[
        click.Argument(["dataset"], required=False, metavar="[DATASET]"),
        *map(_choice_option, SplitChoice._fields),
        click.Option(["--json", "is_json"], is_flag=True, help="As JSON"),
    ],
    callback=_data,
    help="Show which datasets are here, or with DATASET what it holds: the sizes of its splits,"
    " images of each class and, on a terminal, some of them. Downloads nothing.",
    short_help="Show datasets, their splits, classes and images.",
)


def _choice(options: dict[str, str | None]) -> SplitChoice:
    values: dict[str, Any] = {}
    for name, text in options.items():
        try:
            values[name] = FIELDS[name].read(text)
        except ValueError as error:
            raise click.ClickException(f"{name}: {error}.") from None
    return SplitChoice.of(values)


def _survey(data_dir: Path, name: str, choice: SplitChoice) -> Survey:
    from mnist_tui.tui.sessions.dataset_survey import survey_dataset  # noqa: PLC0415 — numpy, 60 ms that the list saves

    try:
        return survey_dataset(data_dir, name, choice, NUM_SAMPLES)
    except SplitError as error:
        raise click.ClickException(f"{error.field}: {error}.") from None
    except DatasetMissingError as error:
        raise DatasetMissingError(f"{error} {how_to_get(name)}") from None


def _page(survey: Survey) -> list[str]:
    width = output_width()
    if width is None or os.environ.get("TERM") in (None, "", "dumb"):
        shown = [*about_lines(survey), EMPTY, *count_lines(survey)]
    else:
        shown = [
            *about_lines(survey),
            EMPTY,
            *bar_lines(survey, width),
            EMPTY,
            *sample_lines(survey, width, tile_drawer()),
        ]
    return list(map(colored, shown))


def _as_plain(survey: Survey) -> dict[str, Any]:
    return {
        "name": survey.name,
        "source": survey.source,
        "classes": list(survey.classes),
        "height": IMAGE_SIDE,
        "width": IMAGE_SIDE,
        "folder": str(raw_folder(survey.data_dir, survey.name)),
        "disk_bytes": _disk_bytes(survey.data_dir, survey.name),
        **survey.choice._asdict(),
        "splits": {
            split.name: {
                "num_images": split.num_images,
                "num_pixels": split.num_pixels,
                "num_bytes": split.num_pixels,
                "float32_bytes": split.float32_bytes,
                "class_counts": list(split.counts),
            }
            for split in survey.splits
        },
        "sample_images": [list(found) for found in survey.samples],
    }


def _tell_all(data_dir: Path, *, is_json: bool) -> None:
    rows = [_look(data_dir, name) for name in (*DATASETS, *own_names(data_dir))]
    if is_json:
        json_output.write_rows(rows)
        return
    values = [
        (row["name"], row["num_train"], row["num_test"], len(row["classes"]), str(row["is_here"]),
         row["disk_bytes"] or None, row["source"])
        for row in rows
    ]  # fmt: skip
    write(table_text(Table("datasets", COLUMNS, values), output_width()))
    for row in rows:
        if row["problem"]:
            say(row["problem"])
    missing = [row["name"] for row in rows if row["is_here"] is False]
    if missing:
        say(f"Looked in {data_dir}. {how_to_get(missing[0])}")


def _look(data_dir: Path, name: str) -> dict[str, Any]:
    is_here: bool | None = True
    info, sizes, problem = DATASETS.get(name), None, None
    try:
        info = dataset_info(data_dir, name)
        sizes = inspect(data_dir, name)
    except DatasetMissingError:
        is_here = False
    except DatasetDamagedError as error:
        is_here, problem = None, str(error)
    return {
        "name": name,
        "source": info.source if info else "",
        "classes": list(info.classes) if info else [],
        "is_here": is_here,
        "problem": problem,
        "num_train": sizes.num_train if sizes else None,
        "num_test": sizes.num_test if sizes else None,
        "disk_bytes": _disk_bytes(data_dir, name),
    }


def _disk_bytes(data_dir: Path, name: str) -> int:
    folder = raw_folder(data_dir, name)
    paths = (folder / file_name for file_name in file_names(name).values())
    return sum(path.stat().st_size for path in paths if path.exists())
