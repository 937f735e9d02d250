"""Session creation as `new`, `clone` and `sweep` share it: options, checks and output."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from mnist_tui.training.parameters.hyperparameters import FIELDS, ParameterError, Problem
from mnist_tui.training.parameters.labels import check_label
from mnist_tui.training.parameters.sweep import SweepPlan, plan_and_resolve
from mnist_tui.training.protocol.client import Refused
from mnist_tui.training.protocol.session_creator import (
    BlockingSessionCreator,
    CreateOptions,
    PartialCreateError,
)
from mnist_tui.tui.cli.progress_request import request_with_progress
from mnist_tui.tui.cli.session_waiter import wait_for
from mnist_tui.tui.forms.user_code import environment_for, with_absolute_paths
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.terminal.output import say, write
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.text_writer import pairs_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.cli.context import CliContext

LABELS = ("name", "tag")
"""Checked beside the parameters; their messages name them already."""

OPTIONS: tuple[click.Parameter, ...] = (
    click.Option(["--name"], default="", help="A label; generated if left out"),
    click.Option(["--tag", "tags"], multiple=True, help="Another label; may be repeated"),
    click.Option(["--note"], default="", help="A remark"),
    click.Option(["--hold", "is_held"], is_flag=True, help="Queue it, but wait for `release`"),
    click.Option(
        ["--dry-run", "is_dry_run"], is_flag=True, help="Only say what would be trained"
    ),
    click.Option(["--json", "is_json"], is_flag=True, help="With --dry-run: as a JSON object"),
    click.Option(
        ["--wait", "is_waiting"], is_flag=True, help="Return when it ends; exit 0 if it finished"
    ),
)  # fmt: skip
"""Options of every command that creates sessions."""


def create_sessions(
    setup: CliContext,
    given: Mapping[str, object],
    data_dir: Path,
    original: SessionRecord | None = None,
    *,
    name: str,
    tags: tuple[str, ...],
    note: str,
    is_held: bool,
    is_dry_run: bool,
    is_json: bool,
    is_waiting: bool,
) -> int:
    """Create the sessions that `given` describes and print their IDs, one a line.

    Args:
        setup: The home and the way to its supervisor.
        given: Values by field name; several of a field, separated by commas, mean several sessions.
        data_dir: The folder of their dataset.
        original: The session that is cloned.
        name: A name for them; empty for generated ones.
        tags: Tags of each.
        note: The note of each.
        is_held: Whether they wait for release.
        is_dry_run: Whether to print their parameters and create none.
        is_json: Whether a dry run prints JSON.
        is_waiting: Whether to wait until they have ended.

    Returns:
        The exit code of the command.
    """
    options = CreateOptions(data_dir, tags, note, is_held, environment_for(original))
    try:
        plans = _check(with_absolute_paths(given), name, tags)
        setup.home.require_ours()
        with setup.connect_or_start() as client:
            creator = BlockingSessionCreator(partial(request_with_progress, client), options)
            if is_dry_run:
                _print_parameters(plans, creator.check_all(plans), is_json=is_json)
                return 0
            records = creator.create_all(plans, print_id)
    except ParameterError as error:
        return _refuse(error.problems)
    except Refused as error:
        if not error.problems:
            raise
        return _refuse([Problem(field, sentence) for field, sentence in error.problems])
    except PartialCreateError as error:
        say(str(error))
        return 1
    if is_waiting:
        return wait_for(records, setup.connect_or_start, setup.home)
    _print_held(records)
    return 0


def print_id(record: SessionRecord) -> None:
    """Print the ID of a session that was created."""
    click.echo(record.id)


def _check(given: Mapping[str, object], name: str, tags: Sequence[str]) -> list[SweepPlan]:
    """Return the sessions after the checks that need no supervisor, so that a typo starts none.

    Raises:
        ParameterError: With every parameter and label that cannot be used.
    """
    problems = []
    plans: list[SweepPlan] = []
    try:
        plans, _ = plan_and_resolve(given, name, sizes={}, default_threads=1)
    except ParameterError as error:
        problems += error.problems
    for field, text in [*([("name", name)] if name else []), *(("tag", tag) for tag in tags)]:
        try:
            check_label(text, field)
        except ValueError as error:
            problems.append(Problem(field, str(error)))
    if problems:
        raise ParameterError(problems)
    return plans


def _refuse(problems: Sequence[Problem]) -> int:
    for problem in problems:
        if problem.field in LABELS:
            say(f"{problem.message[:1].upper()}{problem.message[1:]}.")
        else:
            say(f"{problem}.")
    return 1


def _print_parameters(
    plans: Sequence[SweepPlan], payloads: Sequence[dict[str, Any]], *, is_json: bool
) -> None:
    """Print the parameters of each session: an object or a block of lines for each."""
    if is_json and len(plans) == 1:
        json_output.write_object(payloads[0])
    elif is_json:
        json_output.write_rows(payloads)
    else:
        for plan, payload in zip(plans, payloads, strict=True):
            pairs = [
                (name, f"{FIELDS[name].show(value)} {FIELDS[name].unit}".rstrip())
                for name, value in payload.items()
                if value is not None
            ]
            write([*([plan.name] if len(plans) > 1 else []), *pairs_text(pairs)])


def _print_held(records: Sequence[SessionRecord]) -> None:
    held = [record for record in records if record.is_held]
    if len(held) == 1:
        say(f"#{held[0].id} {held[0].name} is held; `mnist-tui release {held[0].id}` starts it.")
    elif held:
        ids = " ".join(str(record.id) for record in held)
        sessions = formatting.count_of(len(held), "session")
        say(f"{sessions} are held; `mnist-tui release {ids}` starts them.")
