"""The numbers of the screen: a real process in a terminal, a real supervisor, real training.

Run: `python -m tests.benchmarks.bench_ui [ROW …]`; without a row all of them, `--list` names them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.results import Result, print_table
from tests.benchmarks.ui_age import age_of_metrics
from tests.benchmarks.ui_answers import key_to_answer
from tests.benchmarks.ui_large import long_session
from tests.benchmarks.ui_memory import growth, resident_memory
from tests.benchmarks.ui_stage import UiStage
from tests.benchmarks.ui_stall import stalled_terminal
from tests.benchmarks.ui_start import first_frame
from tests.benchmarks.ui_traffic import bytes_at_rest, bytes_while_training, processor_time
from tests.benchmarks.ui_widgets import compared_widgets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROWS: dict[str, Callable[[UiStage], Iterator[Result]]] = {
    "first-frame": first_frame,
    "keys": key_to_answer,
    "age": age_of_metrics,
    "rest": bytes_at_rest,
    "bytes": bytes_while_training,
    "cpu": processor_time,
    "long-session": long_session,
    "memory": resident_memory,
    "stall": stalled_terminal,
    "growth": growth,
    "widgets": compared_widgets,
}
"""Every measurement by the name it has on the command line."""


def main(arguments: list[str] | None = None) -> int:
    """Print the table; return 1 where a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", choices=[[], *ROWS], default=[])
    parser.add_argument("--homes", type=Path, metavar="DIR", help="keep the stored sessions there")
    parser.add_argument("--list", action="store_true", help="name the rows")
    chosen = parser.parse_args(arguments)
    if chosen.list:
        print("\n".join(ROWS))
        return 0
    with UiStage(chosen.homes) as stage:
        names = chosen.rows or ROWS
        return print_table(result for name in names for result in ROWS[name](stage))


if __name__ == "__main__":
    sys.exit(main())
