"""`profile`: where the time and memory of a session's batches go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.storage.records import SessionState
from mnist_tui.storage.results.profiles import Profile, read_profile, read_trace
from mnist_tui.training.protocol.requests import MAX_PROFILED_BATCHES
from mnist_tui.tui.cli.progress_request import request_with_progress
from mnist_tui.tui.cli.selection import select_one
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.reports.file_export import ExportError, cannot_write, target_of, write_whole
from mnist_tui.tui.reports.profile_report import batches, details_of, report_lines, why_none
from mnist_tui.tui.terminal.output import output_width, say, write
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.cli.context import CliContext

DEFAULT_BATCHES = 32


@click.command()
@click.argument("word", metavar="ID")
@click.option(
    "--batches",
    "num_batches",
    type=click.IntRange(1, MAX_PROFILED_BATCHES),
    default=DEFAULT_BATCHES,
    show_default=True,
    help="How many of the next batches to measure",
)
@click.option(
    "--trace", "path", metavar="FILE", help="Keep the last of them for Chrome's trace viewer, .json"
)
@click.option("--force", "may_replace", is_flag=True, help="Replace a trace of that name")
@click.option("--last", "is_last", is_flag=True, help="Show the last profile, measure nothing")
@click.option("--json", "is_json", is_flag=True, help="As a JSON object")
@click.pass_obj
def profile(
    setup: CliContext,
    word: str,
    num_batches: int,
    path: str | None,
    may_replace: bool,
    is_last: bool,
    is_json: bool,
) -> None:
    """Show where the time and memory of a session's batches go, part by part.

    The next batches of a running session are measured; the training is the one it would have been.
    Of a session that does not run, the last profile is shown.
    """
    target = None if path is None else _target(path, may_replace=may_replace)
    record = select_one(setup.read_records()[0], word, setup.home)
    folder = setup.home.session(record.id)
    if record.state is SessionState.RUNNING and not is_last:
        _measure(setup, record, num_batches, is_traced=target is not None)
    found = _last(record, folder)
    trace = None if target is None else _last_trace(record, folder)
    if record.state is not SessionState.RUNNING and not is_last:
        say(f"#{record.id} {record.name} is {record.state}; this is its last profile.")
    if is_json:
        json_output.write_object(details_of(record, found))
    else:
        write(report_lines(record, found, output_width()))
    if target is not None and trace is not None:
        _write_trace(target, trace)


def _measure(
    setup: CliContext, record: SessionRecord, num_batches: int, *, is_traced: bool
) -> None:
    from mnist_tui.training.protocol.requests import Profile as Request  # noqa: PLC0415 — its name is taken here

    measuring = f"#{record.id}: {batches(num_batches)} being measured…"
    with setup.connect_or_start() as client:
        request_with_progress(
            client,
            Request,
            first=measuring,
            session_id=record.id,
            num_batches=num_batches,
            is_traced=is_traced,
        )


def _last(record: SessionRecord, folder: Path) -> Profile:
    found = read_profile(folder)
    if found is None:
        raise click.ClickException(why_none(record))
    return found


def _target(path: str, *, may_replace: bool) -> Path:
    """Return where a trace goes; everything that can be refused beforehand is refused here."""
    try:
        target = target_of(path, ("json",))
    except ExportError as error:
        raise click.ClickException(printable(error)) from error
    if not target.parent.is_dir():
        raise click.ClickException(
            f"There is no folder {printable(target.parent)}; make it first, or choose another."
        )
    if target.is_dir() or (target.exists() and not may_replace):
        raise click.ClickException(f"{printable(target)} exists already; --force replaces a file.")
    return target


def _last_trace(record: SessionRecord, folder: Path) -> bytes:
    trace = read_trace(folder)
    if trace is None:
        raise click.ClickException(
            f"#{record.id} {printable(record.name)} was last profiled without a trace;"
            " profile it with --trace FILE while it trains."
        )
    return trace


def _write_trace(target: Path, trace: bytes) -> None:
    try:
        write_whole(target, trace.decode(errors="replace"))
    except OSError as error:
        raise click.ClickException(printable(cannot_write(target, error))) from error
    say(f"Wrote {target}: open it in https://ui.perfetto.dev or chrome://tracing.")
