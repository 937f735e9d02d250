"""The numbers of training: a session beside loops that do as little, or as much, as can be.

Run: `python -m tests.benchmarks.bench_training managed|reference|parallel|stall|to-99|profile`
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from mnist_tui.training.sessions.hardware import num_cores
from tests.benchmarks.results import print_table
from tests.benchmarks.training_accuracy import DEFAULT_OPTIONS, to_99
from tests.benchmarks.training_profile import profile
from tests.benchmarks.training_speed import managed, parallel, reference
from tests.benchmarks.training_stage import Conditions, images_for_training
from tests.benchmarks.training_stall import stall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.benchmarks.results import Result

ROWS: dict[str, Callable[[Conditions], Iterator[Result]]] = {
    "managed": managed,
    "reference": reference,
    "parallel": parallel,
    "stall": stall,
}
DEFAULT_SECONDS = 4.0
DEFAULT_ROUNDS = 15


def main(arguments: list[str] | None = None) -> int:
    """Print one table; return 1 where a bar was missed."""
    options, new_options = _parser().parse_known_args(arguments)
    if new_options and options.row != "to-99":
        _parser().error(f"unrecognized arguments: {' '.join(new_options)}")
    with images_for_training() as data_dir:
        if options.row == "profile":
            print(profile(_conditions(options, data_dir), options.num_batches))
            return 0
        return print_table(_results(options, new_options, data_dir))


def _results(
    options: argparse.Namespace, new_options: list[str], data_dir: Path
) -> Iterator[Result]:
    if options.row != "to-99":
        return ROWS[options.row](_conditions(options, data_dir))
    given = new_options or DEFAULT_OPTIONS
    return to_99(data_dir, options.device, given, options.seeds, options.reference_seeds)


def _conditions(options: argparse.Namespace, data_dir: Path) -> Conditions:
    return Conditions(
        device=options.device,
        precision=options.precision,
        batch_size=options.batch_size,
        seconds=options.seconds,
        rounds=options.rounds,
        threads=options.threads,
        data_dir=data_dir,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    rows = parser.add_subparsers(dest="row", required=True)
    for name in ROWS:
        row = rows.add_parser(name, allow_abbrev=False)
        _add_conditions(row)
    accuracy = rows.add_parser(
        "to-99", allow_abbrev=False,
        help="what is left of the command line goes to `new`, by default --preset fast",
    )  # fmt: skip
    accuracy.add_argument("--device", default="cpu")
    accuracy.add_argument("--seeds", type=int, default=5)
    accuracy.add_argument("--reference-seeds", type=int, default=3)
    step = rows.add_parser("profile", allow_abbrev=False)
    _add_conditions(step)
    step.add_argument("--num-batches", type=int, default=300)
    return parser


def _add_conditions(row: argparse.ArgumentParser) -> None:
    row.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N")
    row.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    row.add_argument("--batch-size", type=int, default=64)
    row.add_argument("--seconds", type=float, default=DEFAULT_SECONDS, help="of each sample")
    row.add_argument("--rounds", type=int, default=DEFAULT_ROUNDS, help="samples of each")
    row.add_argument("--threads", type=int, default=num_cores(), help="of one session alone")


if __name__ == "__main__":
    sys.exit(main())
