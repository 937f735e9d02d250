"""Makes one file operation of a process fail; Python loads it where its folder is on PYTHONPATH.

Operations on paths under a folder are counted from 1. The chosen one either ends the process with
SIGKILL before anything happens, or raises ENOSPC.
"""

from __future__ import annotations

import errno
import mmap
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

CRASH = "crash"
FULL = "full"

NAMES = (
    *("open", "write", "pwrite", "fsync", "fdatasync", "replace", "rename", "link", "unlink"),
    *("ftruncate", "mkdir", "rmdir"),
)

_originals: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in NAMES}


class Plan(NamedTuple):
    """Which operation fails, and how."""

    root: str
    """Only paths in here count."""
    counter: str
    """A file of 8 bytes, outside of `root`, that keeps the number of operations so far."""
    at: int
    """The number of the operation that fails; 0 for none."""
    how: str
    """CRASH or FULL."""

    def in_environment(self) -> dict[str, str]:
        return {"FAULTY": "\n".join(map(str, self))}

    def make_counter(self) -> None:
        with open(self.counter, "wb") as file:  # noqa: PTH123 — pathlib uses what is wrapped here
            file.write(bytes(8))

    def num_operations(self) -> int:
        with open(self.counter, "rb") as file:  # noqa: PTH123 — as above
            return int.from_bytes(file.read(), "little")


def arm(plan: Plan) -> None:
    """Count and fail from now on in this process."""
    with open(plan.counter, "r+b") as file:  # noqa: PTH123 — as above
        count = mmap.mmap(file.fileno(), 8)
    for name, original in _originals.items():
        setattr(os, name, _faulty(name, original, plan, count))


def _faulty(
    name: str, original: Callable[..., Any], plan: Plan, count: mmap.mmap
) -> Callable[..., Any]:
    def operation(*arguments: Any, **named: Any) -> Any:
        if _is_counted(name, plan.root, arguments):
            number = int.from_bytes(count[:8], "little") + 1
            count[:8] = number.to_bytes(8, "little")
            if number == plan.at:
                _fail(plan.how, name)
        return original(*arguments, **named)

    return operation


def _is_counted(name: str, root: str, arguments: tuple[Any, ...]) -> bool:
    if name == "open" and not arguments[1] & os.O_CREAT:
        return False  # only reads, or fails where the write after it does
    target = arguments[0]
    try:
        is_open = isinstance(target, int)
        path = os.readlink(f"/proc/self/fd/{target}") if is_open else target  # noqa: PTH115 — as above
        return os.fsdecode(path).startswith(root)
    except OSError:
        return False


def _fail(how: str, name: str) -> None:
    if how == CRASH:
        os.kill(os.getpid(), signal.SIGKILL)
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)


def _arm_from_environment() -> None:
    given = os.environ.get("FAULTY", "").split("\n")
    if len(given) == len(Plan._fields) and "supervisor" in sys.orig_argv:
        root, counter, at, how = given
        arm(Plan(root, counter, int(at), how))


_arm_from_environment()
