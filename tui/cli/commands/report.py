"""`report`: everything about sessions as one file to keep, print or send."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.tui.cli.selection import select
from mnist_tui.tui.reports.file_export import ExportError, cannot_write, target_of, write_whole
from mnist_tui.tui.terminal.output import say
from mnist_tui.tui.text.formatting import count_of
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.cli.context import CliContext

FORMATS = ("html", "md", "csv", "json")
"""Endings of file names."""
STANDARD_OUTPUT = "-"


@click.command("report")
@click.argument("words", metavar="[ID...]", nargs=-1)
@click.option("--study", "run", metavar="NAME", help="All sessions of a run of a study, together")
@click.option(
    "-o",
    "--output",
    "path",
    metavar="FILE",
    required=True,
    help="The file, ending with .html, .md, .csv or .json. - is standard output, in Markdown",
)
@click.option("--json", "form", flag_value="json", help="With -o -: as a JSON object")
@click.option("--csv", "form", flag_value="csv", help="With -o -: a row per session")
@click.option("--md", "form", flag_value="md", help="With -o -: as Markdown, the default")
@click.option("--force", "may_replace", is_flag=True, help="Replace an existing file")
@click.pass_obj
def report(
    setup: CliContext,
    words: tuple[str, ...],
    run: str | None,
    path: str,
    form: str | None,
    may_replace: bool,
) -> None:
    """Write a report about sessions: IDs, names or filters such as state:finished.

    Parameters, scores, curves, confusion matrix, mistakes, and the command that trains the same
    again. The HTML is one self-contained file. No supervisor is needed.
    """
    if bool(words) == bool(run):
        raise click.UsageError("Give IDs, or --study NAME", click.get_current_context())
    target = None if path == STANDARD_OUTPUT else _target(path, form, may_replace=may_replace)
    chosen = _chosen(setup, words, run)
    from mnist_tui.storage.records import utc_now  # noqa: PLC0415 — with the next one
    from mnist_tui.tui.reports.report_data import read_report_data  # noqa: PLC0415 — numpy, 120 ms that refusals save
    from mnist_tui.tui.reports.report_writer import write_report  # noqa: PLC0415 — the same

    data = read_report_data(setup.home, chosen, written_at=utc_now(), run=run or "")
    if target is None:
        click.echo(write_report(data, form or "md"), nl=False)
        return
    content = write_report(data, target.suffix.lower().removeprefix("."))
    try:
        write_whole(target, content)
    except OSError as error:
        raise click.ClickException(str(cannot_write(target, error))) from error
    say(f"Wrote {target} ({count_of(len(chosen), 'session')}).")


def _chosen(setup: CliContext, words: Sequence[str], run: str | None) -> list[SessionRecord]:
    records, _ = setup.read_records()
    if run is None:
        chosen, what = select(records, words, setup.home), "matches; `mnist-tui ls` lists"
    else:
        from mnist_tui.training.studies.run_definitions import sessions_of  # noqa: PLC0415 — only for studies

        chosen = sessions_of(run, records)
        what = f"is of a study {printable(run, 80)}; `mnist-tui study ls` lists"
    if not chosen:
        raise click.ClickException(f"No session {what} those there are.")
    return chosen


def _target(path: str, form: str | None, *, may_replace: bool) -> Path:
    """Return the file to write; refuse unsuitable names before any session is read."""
    try:
        target = target_of(path, FORMATS)
    except ExportError as error:
        raise click.ClickException(str(error)) from error
    if form is not None:
        raise click.UsageError(f"--{form} goes with -o -; the end of a file's name says its form.")
    if not target.parent.is_dir():
        raise click.ClickException(
            f"There is no folder {target.parent}; make it first, or choose another."
        )
    if target.exists() and not may_replace:
        raise click.ClickException(f"{target} exists already; --force replaces it.")
    return target
