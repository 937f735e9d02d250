"""The task process: one short piece of work that needs torch."""

from __future__ import annotations

import os
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.training.protocol.worker_messages import Ended, TaskTold
from mnist_tui.training.worker.channel import Channel
from mnist_tui.training.worker.child_process import explain, settle

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from mnist_tui.training.protocol.assignment import TaskAssignment


def main(connection: socket.socket, assignment: TaskAssignment, log: Path) -> None:
    """Carry out the assignment and report the result; the log stays only if that fails."""
    with suppress(OSError):
        log.parent.mkdir(mode=0o700, exist_ok=True)
    settle(log)
    channel = Channel(connection)
    work = TASKS[assignment.kind]
    try:
        result = work(assignment.arguments, lambda text: channel.send(TaskTold(text=text)))
        with suppress(OSError):
            log.unlink()
        ended = Ended(outcome="finished", result=result)
    except Exception as error:  # noqa: BLE001 — whatever it was, the requester must hear of it
        traceback.print_exc()
        ended = Ended(outcome="failed", message=explain(error))
    channel.send(ended)
    channel.finish()


def _take(environment: dict[str, str]) -> None:
    from mnist_tui.training.protocol.environment import take  # noqa: PLC0415 — tasks only

    take(environment)


def _warm(_arguments: dict[str, Any], _tell: Callable[[str], None]) -> int:
    """Return the fork server's pid; it has loaded everything once this runs."""
    return os.getppid()


def _dataset(arguments: dict[str, Any], tell: Callable[[str], None]) -> None:
    from mnist_tui.training.data.download_dataset import obtain  # noqa: PLC0415 — tasks only

    obtain(
        arguments["name"],
        Path(arguments["data_dir"]),
        tell,
        mirror=arguments.get("mirror"),
    )


def _pictures(arguments: dict[str, Any], tell: Callable[[str], None]) -> str:
    from mnist_tui.training.data.import_folder import convert  # noqa: PLC0415 — tasks only

    return convert(Path(arguments["folder"]), Path(arguments["data_dir"]), tell)


def _trial(arguments: dict[str, Any], _tell: Callable[[str], None]) -> None:
    from mnist_tui.training.parameters.hyperparameters import from_plain  # noqa: PLC0415 — tasks only
    from mnist_tui.training.worker.model_trial import try_to_train  # noqa: PLC0415 — torch, 1.4 s unless preloaded

    _take(arguments["environment"])
    try_to_train(from_plain(arguments["parameters"]), Path(arguments["data_dir"]))


def _weights(arguments: dict[str, Any], tell: Callable[[str], None]) -> None:
    from mnist_tui.training.data.download_weights import obtain_weights  # noqa: PLC0415 — tasks only

    obtain_weights(
        arguments["model"],
        Path(arguments["folder"]),
        tell,
        mirror=arguments.get("mirror"),
    )


def _summary(arguments: dict[str, Any], _tell: Callable[[str], None]) -> dict[str, Any]:
    from mnist_tui.training.parameters.hyperparameters import from_plain  # noqa: PLC0415 — tasks only
    from mnist_tui.training.worker.model_summary import summarize  # noqa: PLC0415 — torch, 1.4 s unless preloaded

    _take(arguments.get("environment", {}))
    return summarize(from_plain(arguments["parameters"]), arguments["num_classes"])


def _evaluate(arguments: dict[str, Any], tell: Callable[[str], None]) -> dict[str, Any]:
    from mnist_tui.training.evaluation.evaluate_task import evaluate  # noqa: PLC0415 — torch, as above

    return evaluate(arguments, tell)


def _outliers(arguments: dict[str, Any], tell: Callable[[str], None]) -> dict[str, Any]:
    from mnist_tui.training.evaluation.outlier_task import show_outliers  # noqa: PLC0415 — torch, as above

    return show_outliers(arguments, tell)


TASKS: dict[str, Callable[[dict[str, Any], Callable[[str], None]], Any]] = {
    "warm": _warm,
    "dataset": _dataset,
    "pictures": _pictures,
    "trial": _trial,
    "weights": _weights,
    "summary": _summary,
    "evaluate": _evaluate,
    "outliers": _outliers,
}
