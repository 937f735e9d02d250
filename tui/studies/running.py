"""Making the sessions of a study: all are checked before the first is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from storage.studies import check_run_name
from training.client import Refused
from training.protocol import KeepStudy
from training.studies.definition import StudyError, problems_of, to_plain
from training.studies.planning import first_of_each_row, plan_study
from tui import formatting
from tui.making import HalfMadeError, Maker, Wish
from tui.terminal import say

if TYPE_CHECKING:
    from pathlib import Path

    from training.client import Client
    from training.studies.definition import Study


def run_study(client: Client, study: Study, data_dir: Path, *, name: str, is_held: bool) -> int:
    """Make the sessions of a study, print their IDs, one a line, and return the exit code.

    A row that cannot be had here, such as one whose pretrained weights are missing, is left out.

    Args:
        client: A connection to the supervisor.
        study: What to run; its parameters are checked.
        data_dir: The folder of its dataset.
        name: What the run is to be called; empty for the study's name, with a number if need be.
        is_held: Whether its sessions wait for release.

    Raises:
        Refused: The run's name is taken, or nothing of it can be had.
        StudyError: Parameters do not fit the data.
        Unreachable: The supervisor was lost before the first session.
    """
    wish = Wish(
        name="", tags=(), note="", is_held=is_held, is_dry_run=False, is_json=False,
        is_waiting=False,
    )  # fmt: skip
    maker = Maker(client, wish, data_dir)
    left_out = _what_cannot_be_had(maker, study)
    run = client.request(
        KeepStudy,
        run=name or study.name,
        is_numbered=not name,
        definition=to_plain(study),
        left_out=left_out,
    )
    try:
        records = maker.make_all(
            plan_study(study, run, left_out), lambda record: click.echo(record.id)
        )
    except HalfMadeError as error:
        say(f"{error} They are the study {run}.")
        return 1
    for label, reason in left_out.items():
        say(f"{label} is left out: {reason}")
    made = formatting.count_of(len(records), "session")
    held = f"; `mnist-tui study resume {run}` lets them start" if is_held else ""
    say(f"{made} of the study {run}; `mnist-tui study show {run}` tells how far it is{held}.")
    return 0


def check(study: Study, name: str) -> None:
    """Refuse parameters and a name that cannot be, before a supervisor is asked.

    Args:
        study: What is to run.
        name: What the run is to be called; empty where none was given.

    Raises:
        StudyError: With every problem, each naming row and field.
    """
    problems = [f"{problem}." for problem in problems_of(study)]
    try:
        check_run_name(name or study.name)
    except ValueError as error:
        problems.append(f"--name: {error}.")
    if problems:
        raise StudyError(problems)


def _what_cannot_be_had(maker: Maker, study: Study) -> dict[str, str]:
    """Return why rows cannot be had here, by label.

    Raises:
        Refused: None of the rows can be had.
        StudyError: With every problem of any row.
    """
    left_out: dict[str, str] = {}
    problems: list[str] = []
    for label, plan in first_of_each_row(study).items():
        try:
            maker.try_all([plan])
        except Refused as error:
            left_out[label] = str(error)
            problems += [f"row {label!r}, {field}: {text}." for field, text in error.problems]
    if problems:
        raise StudyError(problems)
    if len(left_out) == len(study.rows):
        raise Refused(" ".join(dict.fromkeys(left_out.values())), [])
    return left_out
