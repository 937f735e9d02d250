"""Making the sessions of a study: all are checked before the first is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.storage.results.study_definitions import check_run_name
from mnist_tui.training.protocol.client import Refused
from mnist_tui.training.protocol.messages import KeepStudy
from mnist_tui.training.studies.study_definition import StudyError, problems_of, to_plain
from mnist_tui.training.studies.study_plan import missing_of, plan_study, trial_of
from mnist_tui.tui.state.create_requests import CreateOptions, PartialCreateError, SessionCreator
from mnist_tui.tui.terminal.output import say
from mnist_tui.tui.text import formatting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.parameters.sweep import SweepPlan
    from mnist_tui.training.protocol.client import Client
    from mnist_tui.training.studies.study_definition import Study, StudyRow


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
    maker = _maker(client, data_dir, is_held=is_held)
    left_out = _what_cannot_be_had(maker, study, study.rows)
    run: str = client.request(
        KeepStudy,
        run=name or study.name,
        is_numbered=not name,
        definition=to_plain(study),
        left_out=left_out,
    )
    return _make(maker, plan_study(study, run, left_out), run, left_out, is_held=is_held)


def complete_study(
    client: Client,
    study: Study,
    data_dir: Path,
    *,
    run: str,
    records: Sequence[SessionRecord],
    is_held: bool,
) -> int:
    """Make the sessions that a run lacks, print their IDs and return the exit code.

    Args:
        client: A connection to the supervisor.
        study: What the run was made by.
        data_dir: The folder of its dataset.
        run: The name of the run.
        records: The sessions that it has.
        is_held: Whether the new ones wait for release.

    Raises:
        Refused: None of the missing ones can be had.
        StudyError: Parameters do not fit the data.
        Unreachable: The supervisor was lost before the first session.
    """
    missing = missing_of(study, run, records)
    if not missing:
        say(f"The study {run} has all of its sessions.")
        return 0
    labels = {each.study.row for each in missing if each.study}
    maker = _maker(client, data_dir, is_held=is_held)
    left_out = _what_cannot_be_had(maker, study, [row for row in study.rows if row.label in labels])
    plans = [each for each in missing if each.study and each.study.row not in left_out]
    return _make(maker, plans, run, left_out, is_held=is_held)


def _maker(client: Client, data_dir: Path, *, is_held: bool) -> SessionCreator:
    wish = CreateOptions(
        name="", tags=(), note="", is_held=is_held, is_dry_run=False, is_json=False,
        is_waiting=False,
    )  # fmt: skip
    return SessionCreator(client, wish, data_dir)


def _make(
    maker: SessionCreator,
    plans: Sequence[SweepPlan],
    run: str,
    left_out: Mapping[str, str],
    *,
    is_held: bool,
) -> int:
    try:
        records = maker.make_all(plans, lambda record: click.echo(record.id))
    except PartialCreateError as error:
        say(f"{error} `mnist-tui study complete {run}` makes the others.")
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


def _what_cannot_be_had(
    maker: SessionCreator, study: Study, rows: Sequence[StudyRow]
) -> dict[str, str]:
    """Return why rows cannot be had here, by label.

    Raises:
        Refused: None of the rows can be had.
        StudyError: With every problem of any row.
    """
    left_out: dict[str, str] = {}
    problems: list[str] = []
    for row in rows:
        try:
            maker.try_all([trial_of(study, row)])
        except Refused as error:
            left_out[row.label] = str(error)
            problems += [f"row {row.label!r}, {field}: {text}." for field, text in error.problems]
    if problems:
        raise StudyError(problems)
    if len(left_out) == len(rows):
        raise Refused(" ".join(dict.fromkeys(left_out.values())))
    return left_out
