"""`study`: named sets of sessions that run together, and their published figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.training.protocol.requests import List
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.studies.run_definitions import (
    definition_of,
    kept_definition,
    runs,
    sessions_of,
)
from mnist_tui.training.studies.study_definition import Study, StudyError
from mnist_tui.training.studies.study_library import find_study, own_folder, study_names
from mnist_tui.training.studies.study_plan import changed, read_seeds
from mnist_tui.training.studies.study_table import study_table
from mnist_tui.tui.cli.commands.new import SET_EXAMPLE, assigned
from mnist_tui.tui.cli.session_changes import Changes
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.terminal.output import output_width, say, write
from mnist_tui.tui.text.figures import COUNT, TEXT, Column
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import Table
from mnist_tui.tui.text.text_writer import table_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.studies.study_table import StudyTable
    from mnist_tui.tui.cli.context import CliContext

STUDY_COLUMNS = (
    Column("study"),
    Column("rows", COUNT),
    Column("seeds", COUNT),
    Column("title", heading="WHAT IT IS", min_width=20, drop=1),
)
RUN_COLUMNS = (Column("run"), Column("finished", TEXT._replace(is_right=True)), Column("study"))
HELP = {
    Trigger.PAUSE: "Train no further batch of a study; what has not started waits.",
    Trigger.RESUME: "Go on with every session of a study that does not train.",
    Trigger.STOP: "Save and end every session of a study; resume goes on later.",
    Trigger.KILL: "End every session of a study at once, nothing saved.",
}


@click.group()
def study() -> None:
    """Run named sets of sessions together and compare them with published figures.

    NAME is one of `mnist-tui study ls`. The filter study:NAME selects the sessions of a study in
    every other command.
    """


@study.command("ls")
@click.option("--json", "is_json", is_flag=True, help="As a JSON object")
@click.pass_obj
def list_studies(setup: CliContext, is_json: bool) -> None:
    """List the available studies, and the runs of this home."""
    studies, problems = _available_studies()
    runs = _runs(setup)
    if is_json:
        objects = [_study_object(study) for study in studies]
        json_output.write_object({"studies": objects, "runs": runs, "problems": problems})
        return
    rows = [(study.name, len(study.rows), len(study.seeds), study.title) for study in studies]
    lines = table_text(Table("Studies", STUDY_COLUMNS, rows), output_width())
    if runs:
        run_rows = [
            (run["run"], f"{run['finished']}/{run['sessions']}", run["study"]) for run in runs
        ]
        lines += ["", *table_text(Table("Runs", RUN_COLUMNS, run_rows))]
    write(lines)
    for problem in problems:
        say(problem)
    if not runs:
        say(f"None was run in {setup.home.path}. Yours go into {own_folder()}.")


@study.command("run")
@click.argument("word", metavar="NAME|FILE")
@click.option("--seeds", metavar="0-4", help="A session of each row with each of these seeds")
@click.option("--set", "assignments", multiple=True, metavar="FIELD=VALUE", help="For every row")
@click.option("--name", default="", help="The name of the run; by default the study's")
@click.option("--hold", "is_held", is_flag=True, help="Queue it, but wait for `study resume`")
@click.pass_obj
def run(
    setup: CliContext,
    word: str,
    seeds: str | None,
    assignments: Sequence[str],
    name: str,
    is_held: bool,
) -> int:
    """Make the sessions of a study and print their IDs, one a line.

    All rows are checked before the first session is made. A row that is not available here, such
    as one whose pretrained weights are missing, is left out and reported.
    """
    from mnist_tui.tui.cli.study_sessions import check, run_study  # noqa: PLC0415 — 20 ms that `ls` saves

    changes = assigned(assignments, SET_EXAMPLE)
    if "seed" in changes:
        raise click.UsageError("Give seeds with --seeds 0-4", click.get_current_context())
    try:
        wanted = _with_device(setup, changed(find_study(word), changes, _seeds(seeds)))
        check(wanted, name)
        setup.home.require_ours()
        with setup.connect_or_start() as client:
            return run_study(client, wanted, setup.data_dir, name=name, is_held=is_held)
    except StudyError as error:
        return _refuse(error)


@study.command("complete")
@click.argument("word", metavar="NAME")
@click.option("--hold", "is_held", is_flag=True, help="Queue them, but wait for `study resume`")
@click.pass_obj
def complete(setup: CliContext, word: str, is_held: bool) -> int:
    """Make the missing sessions of a run: removed or never made, or of rows now available."""
    from mnist_tui.tui.cli.study_sessions import complete_study  # noqa: PLC0415 — 20 ms that `ls` saves

    _require_sessions(setup, word, setup.read_records()[0])
    kept = kept_definition(setup.home, word)
    if kept is None:
        raise click.ClickException(f"The definition of {word} is lost; run the study anew.")
    try:
        with setup.connect_or_start() as client:
            records = sessions_of(word, client.records(List))
            return complete_study(
                client, kept[0], setup.data_dir, run=word, records=records, is_held=is_held
            )
    except StudyError as error:
        return _refuse(error)


@study.command("show")
@click.argument("word", metavar="NAME")
@click.option("--json", "form", flag_value="json", help="As a JSON object, with every session")
@click.option("--csv", "form", flag_value="csv", help="As comma-separated values")
@click.option("--md", "form", flag_value="md", help="As Markdown tables")
@click.pass_obj
def show(setup: CliContext, word: str, form: str | None) -> None:
    """Show the progress of a study: means ± deviations over the seeds, and published figures.

    Only finished sessions count. The means decide whether the published findings hold.
    """
    from mnist_tui.tui.reports.study_report import study_lines, study_object, study_tables  # noqa: PLC0415 — what `run` does not need
    from mnist_tui.tui.reports.table_formats import as_csv, as_markdown  # noqa: PLC0415 — with the next two

    table = _table(setup, word)
    match form:
        case "json":
            json_output.write_object(study_object(table))
        case "csv":
            click.echo(as_csv(study_tables(table)[0]), nl=False)
        case "md":
            click.echo(as_markdown(study_tables(table)), nl=False)
        case _:
            write(study_lines(table, output_width()))


def _change(request: Trigger) -> click.Command:
    @click.argument("word", metavar="NAME")
    @click.pass_obj
    def ask(setup: CliContext, word: str) -> int:
        return _ask(setup, word, request)

    decorate: Callable[..., click.Command] = click.command(request.value, help=HELP[request])
    return decorate(ask)


for _request in HELP:
    study.add_command(_change(_request))


def _ask(setup: CliContext, word: str, request: Trigger) -> int:
    from mnist_tui.tui.cli.study_sessions import request_steps, wait_until_started  # noqa: PLC0415 — what `show` does not need

    _require_sessions(setup, word, setup.read_records()[0])
    with setup.connect_or_start() as client:
        asked = request_steps(request, sessions_of(word, client.records(List)))
        if request is Trigger.PAUSE:
            # Queued sessions are held first, so that no other starts until the starting ones run.
            for each, sessions in asked:
                if each is Trigger.HOLD:
                    Changes(client, setup.home, each).request_all(sessions, waits=False)
            with setup.connect_or_start() as other:
                rest = request_steps(request, wait_until_started(other, word))
        else:
            rest = asked
        done = [
            Changes(client, setup.home, each).request_all(sessions, waits=True)
            for each, sessions in rest
        ]
    if not asked and not rest:
        say(f"There is no session to {request} in the study {word}.")
    return 0 if all(done) else 1


def _refuse(error: StudyError) -> int:
    for problem in error.problems:
        say(problem)
    return 1


def _seeds(text: str | None) -> tuple[int, ...] | None:
    try:
        return None if text is None else read_seeds(text)
    except ValueError as error:
        raise StudyError([f"--seeds: {error}."]) from None


def _with_device(setup: CliContext, wanted: Study) -> Study:
    """Return a study on the device of the settings, unless it names one itself."""
    default = setup.settings.device
    if default == FIELDS["device"].default:
        return wanted
    return replace(wanted, parameters={"device": default, **wanted.parameters})


def _available_studies() -> tuple[list[Study], list[str]]:
    """Return the studies that can be run, and the problems of the others."""
    studies, problems = [], []
    for name in study_names():
        try:
            studies.append(find_study(name))
        except StudyError as error:
            problems += error.problems
    return studies, problems


def _study_object(study: Study) -> dict[str, Any]:
    return {
        "name": study.name,
        "title": study.title,
        "source": study.source,
        "rows": [row.label for row in study.rows],
        "seeds": list(study.seeds),
    }


def _runs(setup: CliContext) -> list[dict[str, Any]]:
    records, _ = setup.read_records()
    return [
        {
            "run": name,
            "study": definition_of(setup.home, name, records)[0].name,
            "sessions": len(members := sessions_of(name, records)),
            "finished": sum(record.state.value == "finished" for record in members),
        }
        for name in runs(records)
    ]


def _require_sessions(setup: CliContext, word: str, records: Sequence[SessionRecord]) -> None:
    if not sessions_of(word, records):
        raise click.ClickException(
            f"No session of a study {printable(word, 80)} is in {setup.home.path};"
            " `mnist-tui study ls` lists the runs there are."
        )


def _table(setup: CliContext, word: str) -> StudyTable:
    from mnist_tui.training.studies.study_results import measure  # noqa: PLC0415 — numpy, 100 ms

    records, _ = setup.read_records()
    if word in runs(records):
        return measure(setup.home, word, records)
    try:
        return study_table(find_study(word), [])
    except StudyError as error:
        raise click.ClickException(" ".join(error.problems)) from error
