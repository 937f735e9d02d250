"""Entry of the background processes, `python -m training guard|supervisor`; no one types it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run the named background process and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("process", choices=("guard", "supervisor"))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--slots", type=int, default=None)
    parser.add_argument("--mirror", default=None)
    parser.add_argument("--ephemeral", action="store_true")
    parser.add_argument("--ready-fd", type=int, default=None)
    options = parser.parse_args(arguments)
    if options.process == "guard":
        return _guard(options)
    from training.service import serve  # noqa: PLC0415 — 60 ms and 10 MB the guard does not need

    return serve(
        options.home,
        slots=options.slots,
        mirror=options.mirror,
        is_ephemeral=options.ephemeral,
        ready_fd=options.ready_fd,
    )


def _guard(options: argparse.Namespace) -> int:
    from training.guard import guard  # noqa: PLC0415 — the supervisor does not need it

    if os.fork():
        os._exit(0)  # the client that started us reaps this half at once
    forwarded = ["--home", os.fspath(options.home)]
    if options.slots is not None:
        forwarded += ["--slots", str(options.slots)]
    if options.mirror is not None:
        forwarded += ["--mirror", options.mirror]
    if options.ephemeral:
        forwarded.append("--ephemeral")
    return guard(forwarded, options.ready_fd)


if __name__ == "__main__":
    sys.exit(main())
