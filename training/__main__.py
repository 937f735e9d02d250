"""Entry point of the background processes, `python -m mnist_tui.training guard|supervisor`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run the named background process and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m mnist_tui.training", description=__doc__)
    parser.add_argument("process", choices=("guard", "supervisor"))
    parser.add_argument("--ready-fd", type=int, default=None)
    options, rest = parser.parse_known_args(arguments)
    run = _guard if options.process == "guard" else _supervise
    return run(rest, options.ready_fd)


def _guard(arguments: list[str], ready_fd: int | None) -> int:
    from mnist_tui.training.supervisor.guard import guard  # noqa: PLC0415 — the supervisor does not need it

    if os.fork():
        os._exit(0)  # the client that started us reaps this half at once
    return guard(arguments, ready_fd)


def _supervise(arguments: list[str], ready_fd: int | None) -> int:
    from mnist_tui.training.supervisor.process import IDLE, LOCAL_EXECUTOR, serve  # noqa: PLC0415 — 60 ms that the guard never needs
    from mnist_tui.training.supervisor.service import Idle  # noqa: PLC0415 — as above

    parser = argparse.ArgumentParser(prog="python -m mnist_tui.training supervisor")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--slots", type=int, default=None)
    parser.add_argument("--mirror", default=None)
    parser.add_argument("--ephemeral", action="store_true")
    parser.add_argument("--exit-after-s", type=float, default=IDLE.exit_after_s)
    parser.add_argument("--cool-after-s", type=float, default=IDLE.cool_after_s)
    parser.add_argument("--executor", default=LOCAL_EXECUTOR, metavar="MODULE:NAME")
    options = parser.parse_args(arguments)
    return serve(
        options.home,
        slots=options.slots,
        mirror=options.mirror,
        is_ephemeral=options.ephemeral,
        idle=Idle(exit_after_s=options.exit_after_s, cool_after_s=options.cool_after_s),
        executor=options.executor,
        ready_fd=ready_fd,
    )


if __name__ == "__main__":
    sys.exit(main())
