"""`new`: one session, from options made of the table of parameters."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from storage.records import SessionState
from training.client import Client, Refused, as_record
from training.creation import FORWARDED_VARIABLES
from training.labels import check_label
from training.parameters import FIELDS, ParameterError, Problem, resolve
from training.protocol import Create, TaskProgressed
from tui import plain_json
from tui.parameter_table import default_text, value_text
from tui.settling import wait_for
from tui.terminal import ProgressLine, say, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.protocol import Event
    from tui.setup import Setup


def _field_option(name: str) -> click.Option:
    field = FIELDS[name]
    return click.Option(
        [f"--{name.replace('_', '-')}", name],
        metavar=value_text(field),
        help=f"{field.help}  [default: {default_text(field)}]",
    )


LABELS = ("name", "tag")
"""What `new` checks beside the parameters; their messages say what they are about."""

OTHER_OPTIONS: tuple[click.Parameter, ...] = (
    click.Option(
        ["--set", "assignments"], multiple=True, metavar="FIELD=VALUE", help="The same, by name"
    ),
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


@click.pass_obj
def _new(
    setup: Setup,
    /,
    assignments: Sequence[str],
    is_json: bool,
    is_waiting: bool,
    **options: Any,
) -> int:
    given = {name: options.pop(name) for name in FIELDS}
    parameters = {name: text for name, text in given.items() if text is not None}
    parameters |= dict(map(_assignment, assignments))
    if "device" not in parameters and setup.settings.device != FIELDS["device"].default:
        parameters["device"] = setup.settings.device
    problems = _problems(parameters, options["name"], options["tags"])
    if problems:
        return _refuse(problems)
    setup.home.require_ours()
    with setup.connect_or_start() as client:
        try:
            payload = _create(client, setup, parameters, options)
        except Refused as error:
            if not error.problems:
                raise
            return _refuse([Problem(name, sentence) for name, sentence in error.problems])
    return _answer(setup, payload, options["is_dry_run"], is_json=is_json, is_waiting=is_waiting)


def _answer(
    setup: Setup, payload: Any, is_dry_run: bool, *, is_json: bool, is_waiting: bool
) -> int:
    if is_dry_run and is_json:
        plain_json.write_object(payload)
    elif is_dry_run:
        width = max(map(len, payload))
        write(
            f"{name:<{width}}  {FIELDS[name].show(value)} {FIELDS[name].unit}".rstrip()
            for name, value in payload.items()
            if value is not None
        )
    else:
        record = as_record(payload)
        click.echo(record.id)
        if is_waiting:
            return wait_for([record], setup.connect_or_start, setup.home)
        if record.state is SessionState.QUEUED and record.is_held:
            say(f"#{record.id} {record.name} is held; `mnist-tui release {record.id}` starts it.")
    return 0


def _create(client: Client, setup: Setup, parameters: dict[str, str], labels: Any) -> Any:
    with ProgressLine() as line:

        def tell(event: Event) -> None:
            if isinstance(event, TaskProgressed):
                line.show(event.text)

        return client.request(
            Create,
            on_event=tell,
            parameters=parameters,
            data_dir=str(setup.data_dir),
            environment={
                name: os.environ[name] for name in FORWARDED_VARIABLES if name in os.environ
            },
            **labels,
        )


def _assignment(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise click.UsageError(
            f"--set needs FIELD=VALUE, such as --set epochs=3, not {text!r}",
            click.get_current_context(),
        )
    return name.strip().replace("-", "_"), value


def _problems(parameters: dict[str, str], name: str, tags: Sequence[str]) -> list[Problem]:
    """Return what can be told without a supervisor, so that a slip of the finger starts none."""
    problems = []
    try:
        resolve(parameters, num_train={}, default_threads=1)
    except ParameterError as error:
        problems += error.problems
    for what, text in [("name", name), *(("tag", tag) for tag in tags)]:
        try:
            if text or what == "tag":
                check_label(text, what)
        except ValueError as error:
            problems.append(Problem(what, str(error)))
    return problems


def _refuse(problems: Sequence[Problem]) -> int:
    for problem in problems:
        if problem.field in LABELS:
            say(f"{problem.message[:1].upper()}{problem.message[1:]}.")
        else:
            say(f"{problem}.")
    return 1


new = click.Command(
    "new",
    params=[*map(_field_option, FIELDS), *OTHER_OPTIONS],
    callback=_new,
    help="Make a session and print its ID, alone, on standard output."
    " What is left out takes its default.",
    short_help="Make a session and print its ID.",
)
