"""`bench`: how fast this machine trains, and what to set on it."""

from __future__ import annotations

import shutil
import signal
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.records import SessionState
from mnist_tui.training.benchmark.benchmark_plan import HANDFUL, parameters_of, planned
from mnist_tui.training.parameters.catalog import MODELS
from mnist_tui.training.parameters.hyperparameters import ParameterError
from mnist_tui.training.sessions.hardware import num_cores, num_cuda_devices, why_absent
from mnist_tui.training.sessions.lifecycle import ACTIVE
from mnist_tui.tui.cli.types import Seconds
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.terminal.output import ProgressLine, output_width, say, write
from mnist_tui.tui.text.formatting import count_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mnist_tui.training.benchmark.benchmark_figures import BenchmarkFigures
    from mnist_tui.training.benchmark.benchmark_plan import BenchmarkPlan
    from mnist_tui.tui.cli.context import CliContext

ALL = "all"
DEFAULT_SECONDS = 2.0
BUSY_SHARE = 0.15
"""Share of the CPU's time from which other work is worth a sentence."""
LISTEN_S = 0.5


@click.command()
@click.option(
    "--model", "models", multiple=True, type=click.Choice([*MODELS, ALL]), metavar="NAME",
    help=f"A network to measure, again for another, or all  [default: {', '.join(HANDFUL)}]",
)  # fmt: skip
@click.option("--device", metavar="DEVICE", help="auto, cpu, cuda, cuda:N or mps  [default: auto]")
@click.option(
    "--seconds", type=Seconds(0.1, 600.0), metavar="S", default=DEFAULT_SECONDS, show_default=True,
    help="How long each figure is measured",
)  # fmt: skip
@click.option("--json", "is_json", is_flag=True, help="As a JSON object")
@click.pass_obj
def bench(
    setup: CliContext, models: Sequence[str], device: str | None, seconds: float, is_json: bool
) -> int:
    """Measure how fast this machine trains, and recommend settings for it.

    Images per second of each network in fp32 and bf16, beside a bare training loop that does
    nothing else, and of more and more sessions at once. Takes about a minute; needs no dataset,
    trains on random pixels, and keeps nothing. ctrl+c ends it.
    """
    names = list(MODELS) if ALL in models else list(dict.fromkeys(models or HANDFUL))
    asked_device = device or setup.settings.device
    _require(asked_device)
    plan = planned(names, has_gpu=_is_gpu(asked_device), cores=num_cores())
    disturbances = _disturbances(setup)
    _introduce(plan, seconds, disturbances)
    figures = _measure(plan, asked_device, seconds)
    if is_json:
        _write_json(figures, seconds, disturbances)
    else:
        _write_report(figures)
    _warn(disturbances)
    return 0 if any(row.images_per_s for row in figures.models) else 1


class Disturbances:
    """Other work of this machine that makes figures low."""

    def __init__(self, num_sessions: int, busy_share: float) -> None:
        self.num_sessions = num_sessions
        self.busy_share = busy_share

    @property
    def sentence(self) -> str:
        """A sentence about it; empty if there is none."""
        if self.num_sessions:
            runs = "session runs" if self.num_sessions == 1 else "sessions run"
            return (
                f"{self.num_sessions} {runs} now, so these figures are low and what to set may be"
                " wrong; pause all (`mnist-tui pause --all`) and measure again."
            )
        if self.busy_share >= BUSY_SHARE:
            return (
                f"Other programs take {self.busy_share:.0%} of the CPU now, so these figures are"
                " low and what to set may be wrong; measure again when it is idle."
            )
        return ""


def _disturbances(setup: CliContext) -> Disturbances:
    try:
        records, _ = setup.read_records()
    except StorageError:  # another user's home is no reason not to measure
        records = []
    import psutil  # noqa: PLC0415 — 15 ms that the help of this command does without

    share = psutil.cpu_percent(LISTEN_S) / 100
    at_work = ACTIVE - {SessionState.PAUSED}
    return Disturbances(sum(record.state in at_work for record in records), share)


def _require(device: str) -> None:
    """Refuse a device that is not here, before anything is started."""
    try:
        parameters_of("cnn", "fp32", device=device, threads=1)
    except ParameterError as error:
        raise click.UsageError(f"{error}.") from None
    if reason := why_absent(device):
        raise click.ClickException(f"{reason[:1].upper()}{reason[1:]}.")


def _is_gpu(device: str) -> bool:
    if device == "auto":
        return num_cuda_devices() > 0 or why_absent("mps") is None
    return device != "cpu"


def _introduce(plan: BenchmarkPlan, seconds: float, disturbances: Disturbances) -> None:
    about_s = plan.duration_s(seconds)
    say(
        f"Measures {count_of(plan.num_measurements, 'figure')} on random pixels, for about"
        f" {about_s:.0f} s; ctrl+c ends it."
    )
    _warn(disturbances)


def _warn(disturbances: Disturbances) -> None:
    if disturbances.sentence:
        say(disturbances.sentence)


def _measure(plan: BenchmarkPlan, device: str, seconds: float) -> BenchmarkFigures:
    import asyncio  # noqa: PLC0415 — 40 ms that a refusal does without, as the next

    from mnist_tui.training.benchmark.benchmark_runner import BenchmarkRunner  # noqa: PLC0415 — as said

    with _end_on_signals(), _scratch_folder() as folder, ProgressLine() as line:
        conductor = BenchmarkRunner(folder, device, seconds, line.show)
        try:
            return asyncio.run(conductor.measure(plan))
        finally:
            conductor.close()


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="mnist-tui-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _end_on_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into a way out that tidies up, as ctrl+c is one."""

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    numbers = (signal.SIGTERM, signal.SIGHUP)
    previous = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _write_report(figures: BenchmarkFigures) -> None:
    from mnist_tui.tui.reports.bench_report import report_lines  # noqa: PLC0415 — after the measuring

    write(report_lines(figures, output_width()))


def _write_json(figures: BenchmarkFigures, seconds: float, disturbances: Disturbances) -> None:
    from mnist_tui.tui.reports.bench_report import as_plain  # noqa: PLC0415 — after the measuring

    json_output.write_object(
        as_plain(figures)
        | {
            "seconds": seconds,
            "sessions_running": disturbances.num_sessions,
            "cpu_share_of_others": disturbances.busy_share,
        }
    )
