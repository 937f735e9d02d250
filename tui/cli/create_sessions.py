"""How `new`, `clone` and `sweep` make sessions: all are checked before the first is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mnist_tui.storage.records import SessionState
from mnist_tui.training.parameters.hyperparameters import FIELDS, ParameterError, Problem
from mnist_tui.training.parameters.labels import check_label
from mnist_tui.training.parameters.sweep import SweepPlan, plan_and_resolve
from mnist_tui.training.protocol.client import Refused
from mnist_tui.tui.cli.wait_result import wait_for
from mnist_tui.tui.forms.own_code import environment_for, grounded
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.state.create_requests import CreateOptions, PartialCreateError, SessionCreator
from mnist_tui.tui.terminal.output import say, write
from mnist_tui.tui.text import formatting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.cli.context import CliContext

LABELS = ("name", "tag")
"""What is checked beside the parameters; their messages say what they are about."""

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
"""What every command that makes sessions takes; `CreateOptions` has the same names."""


def make(
    setup: CliContext,
    given: Mapping[str, object],
    wish: CreateOptions,
    data_dir: Path,
    original: SessionRecord | None = None,
) -> int:
    """Make the sessions that `given` stands for and print their IDs, one a line.

    Args:
        setup: The home and how to reach its supervisor.
        given: Values by field name; several of a field, separated by commas, mean several sessions.
        wish: Their labels and what comes after.
        data_dir: The folder of their dataset.
        original: The session that is cloned.

    Returns:
        The exit code of the command.
    """
    try:
        plans = _check(grounded(given), wish)
        setup.home.require_ours()
        with setup.connect_or_start() as client:
            maker = SessionCreator(client, wish, data_dir, environment_for(original))
            if wish.is_dry_run:
                _tell(plans, maker.try_all(plans), is_json=wish.is_json)
                return 0
            records = maker.make_all(plans, lambda record: click.echo(record.id))
    except ParameterError as error:
        return _refuse(error.problems)
    except Refused as error:
        if not error.problems:
            raise
        return _refuse([Problem(name, sentence) for name, sentence in error.problems])
    except PartialCreateError as error:
        say(str(error))
        return 1
    if wish.is_waiting:
        return wait_for(records, setup.connect_or_start, setup.home)
    _tell_held(records)
    return 0


def _check(given: Mapping[str, object], wish: CreateOptions) -> list[SweepPlan]:
    """Return the sessions, having checked what can be told without a supervisor.

    A slip of the finger starts none.

    Raises:
        ParameterError: With every parameter and label that cannot be used.
    """
    problems = []
    plans: list[SweepPlan] = []
    try:
        plans, _ = plan_and_resolve(given, wish.name, sizes={}, default_threads=1)
    except ParameterError as error:
        problems += error.problems
    for what, text in [("name", wish.name), *(("tag", tag) for tag in wish.tags)]:
        try:
            if text or what == "tag":
                check_label(text, what)
        except ValueError as error:
            problems.append(Problem(what, str(error)))
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


def _tell(plans: Sequence[SweepPlan], payloads: Sequence[dict[str, Any]], *, is_json: bool) -> None:
    """Print what would be trained: one object or block, or one for each of several sessions."""
    if is_json and len(plans) == 1:
        json_output.write_object(payloads[0])
    elif is_json:
        json_output.write_rows(payloads)
    else:
        width = max(map(len, FIELDS))
        for each, payload in zip(plans, payloads, strict=True):
            title = [each.name] if len(plans) > 1 else []
            write(
                title
                + [
                    f"{name:<{width}}  {FIELDS[name].show(value)} {FIELDS[name].unit}".rstrip()
                    for name, value in payload.items()
                    if value is not None
                ]
            )


def _tell_held(records: Sequence[SessionRecord]) -> None:
    held = [each for each in records if each.state is SessionState.QUEUED and each.is_held]
    if len(held) == 1:
        say(f"#{held[0].id} {held[0].name} is held; `mnist-tui release {held[0].id}` starts it.")
    elif held:
        ids = " ".join(str(record.id) for record in held)
        sessions = formatting.count_of(len(held), "session")
        say(f"{sessions} are held; `mnist-tui release {ids}` starts them.")
