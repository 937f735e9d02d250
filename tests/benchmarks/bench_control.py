"""The numbers of control: latency, memory and registry, of a real supervisor with real workers.

Run: `python -m tests.benchmarks.bench_control [ROW …]`; without a row all but `idle`, which takes
ten minutes. `--list` names them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.control_latency import changes, starts
from tests.benchmarks.control_memory import growth, idle, resident
from tests.benchmarks.control_registry import registry
from tests.benchmarks.control_stage import ControlStage
from tests.benchmarks.results import Result, print_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROWS: dict[str, Callable[[ControlStage], Iterator[Result]]] = {
    "starts": starts,
    "changes": changes,
    "memory": resident,
    "growth": growth,
    "registry": registry,
    "idle": idle,
}
"""Every measurement by the name it has on the command line."""
SLOW = {"idle"}
"""Measured only where they are named."""


def main(arguments: list[str] | None = None) -> int:
    """Print the table; return 1 where a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", choices=[[], *ROWS], default=[])
    parser.add_argument("--repeats", type=int, default=20, metavar="N", help="of each measurement")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="with the real MNIST")
    parser.add_argument("--threads", type=int, metavar="N", help="of a session")
    parser.add_argument("--list", action="store_true", help="name the rows")
    chosen = parser.parse_args(arguments)
    if chosen.list:
        print("\n".join(ROWS))
        return 0
    with tempfile.TemporaryDirectory(prefix="mt-bench-") as folder:
        stage = ControlStage(chosen.repeats, chosen.data_dir or Path(folder), chosen.threads)
        stage.get_data()
        names = chosen.rows or [name for name in ROWS if name not in SLOW]
        return print_table(result for name in names for result in ROWS[name](stage))


if __name__ == "__main__":
    sys.exit(main())
