"""Sessions of a study: creating those of a run, and pausing, resuming or ending all of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mnist_tui.storage.records import SessionState
from mnist_tui.storage.results.study_definitions import check_run_name
from mnist_tui.training.protocol.client import Refused
from mnist_tui.training.protocol.messages import SessionChanged, SessionRemoved
from mnist_tui.training.protocol.requests import KeepStudy, Subscribe
from mnist_tui.training.protocol.session_creator import (
    BlockingSessionCreator,
    CreateOptions,
    PartialCreateError,
)
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.studies.study_definition import StudyError, problems_of, to_plain
from mnist_tui.training.studies.study_plan import missing_of, plan_study, trial_of
from mnist_tui.tui.cli.create_sessions import print_id
from mnist_tui.tui.cli.progress_request import request_with_progress
from mnist_tui.tui.cli.session_changes import possible
from mnist_tui.tui.terminal.output import say
from mnist_tui.tui.text import formatting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.parameters.sweep import SweepPlan
    from mnist_tui.training.protocol.client import Client
    from mnist_tui.training.studies.study_definition import Study, StudyRow

Step = tuple[Trigger, list["SessionRecord"]]
"""A request and the sessions that it is made of."""


def check(study: Study, name: str) -> None:
    """Refuse impossible parameters and names before a supervisor is started.

    Args:
        study: The study to run.
        name: The name of the run; empty for the default.

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


def run_study(client: Client, study: Study, data_dir: Path, *, name: str, is_held: bool) -> int:
    """Create the sessions of a study, print their IDs, one a line, and return the exit code.

    A row that is impossible here, such as one whose pretrained weights are missing, is left out.

    Args:
        client: A connection to the supervisor.
        study: The study to run; its parameters are checked.
        data_dir: The folder of its dataset.
        name: The name of the run; empty for the study's name, with a number if need be.
        is_held: Whether its sessions wait for release.

    Raises:
        Refused: The run's name is taken, or every row is impossible.
        StudyError: Parameters do not fit the data.
        Unreachable: The supervisor was lost before the first session.
    """
    creator = _creator(client, data_dir, is_held=is_held)
    left_out = _impossible_rows(creator, study, study.rows)
    run: str = client.request(
        KeepStudy,
        run=name or study.name,
        is_numbered=not name,
        definition=to_plain(study),
        left_out=left_out,
    )
    plans = plan_study(study, run, left_out)
    return _create(creator, plans, run, left_out, is_held=is_held)


def complete_study(
    client: Client,
    study: Study,
    data_dir: Path,
    *,
    run: str,
    records: Sequence[SessionRecord],
    is_held: bool,
) -> int:
    """Create the sessions that a run lacks, print their IDs and return the exit code.

    Args:
        client: A connection to the supervisor.
        study: The definition of the run.
        data_dir: The folder of its dataset.
        run: The name of the run.
        records: The sessions that it has.
        is_held: Whether the new ones wait for release.

    Raises:
        Refused: Every missing row is impossible.
        StudyError: Parameters do not fit the data.
        Unreachable: The supervisor was lost before the first session.
    """
    missing = missing_of(study, run, records)
    if not missing:
        say(f"The study {run} has all of its sessions.")
        return 0
    labels = {plan.study.row for plan in missing if plan.study}
    creator = _creator(client, data_dir, is_held=is_held)
    left_out = _impossible_rows(creator, study, [row for row in study.rows if row.label in labels])
    plans = [plan for plan in missing if plan.study and plan.study.row not in left_out]
    return _create(creator, plans, run, left_out, is_held=is_held)


def _creator(client: Client, data_dir: Path, *, is_held: bool) -> BlockingSessionCreator:
    options = CreateOptions(data_dir, is_held=is_held)
    return BlockingSessionCreator(partial(request_with_progress, client), options)


def _create(
    creator: BlockingSessionCreator,
    plans: Sequence[SweepPlan],
    run: str,
    left_out: Mapping[str, str],
    *,
    is_held: bool,
) -> int:
    try:
        records = creator.create_all(plans, print_id)
    except PartialCreateError as error:
        say(f"{error} `mnist-tui study complete {run}` makes the others.")
        return 1
    for label, reason in left_out.items():
        say(f"{label} is left out: {reason}")
    made = formatting.count_of(len(records), "session")
    held = f"; `mnist-tui study resume {run}` lets them start" if is_held else ""
    say(f"{made} of the study {run}; `mnist-tui study show {run}` tells how far it is{held}.")
    return 0


def _impossible_rows(
    creator: BlockingSessionCreator, study: Study, rows: Sequence[StudyRow]
) -> dict[str, str]:
    """Return the reason for each row that is impossible here, by label.

    Raises:
        Refused: All rows are impossible.
        StudyError: With every problem of any row.
    """
    left_out: dict[str, str] = {}
    problems: list[str] = []
    for row in rows:
        try:
            creator.check_all([trial_of(study, row)])
        except Refused as error:
            left_out[row.label] = str(error)
            problems += [f"row {row.label!r}, {field}: {text}." for field, text in error.problems]
    if problems:
        raise StudyError(problems)
    if len(left_out) == len(rows):
        raise Refused(" ".join(dict.fromkeys(left_out.values())))
    return left_out


def request_steps(request: Trigger, records: Sequence[SessionRecord]) -> list[Step]:
    """Return the requests, in order, that apply `request` to all sessions of a study.

    Queued sessions come first: a session that ends must not let the next one start.
    """
    queued = [record for record in records if record.state is SessionState.QUEUED]
    started = [record for record in records if record.state is not SessionState.QUEUED]
    match request:
        case Trigger.PAUSE:
            steps = [(Trigger.HOLD, queued), (Trigger.PAUSE, started)]
        case Trigger.RESUME:
            steps = [(Trigger.RESUME, started), (Trigger.RELEASE, queued)]
        case _:
            steps = [(request, queued), (request, started)]
    feasible = [(trigger, possible(sessions, trigger)) for trigger, sessions in steps]
    return [step for step in feasible if step[1]]


def wait_until_started(client: Client, run: str) -> list[SessionRecord]:
    """Return the sessions of a run once none is starting, since such a session cannot be paused.

    Args:
        client: A connection for this alone.
        run: The name of the run.
    """
    newest = {record.id: record for record in client.records(Subscribe)}

    def members() -> list[SessionRecord]:
        return [each for each in newest.values() if each.study and each.study.run == run]

    events = client.events()
    while any(record.state is SessionState.STARTING for record in members()):
        match next(events, None):
            case None:
                break
            case SessionChanged(record=record):
                newest[record.id] = record
            case SessionRemoved(session_id=session_id):
                newest.pop(session_id, None)
    return members()
