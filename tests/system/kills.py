"""Kills workers at seeded instants; tells where each kill landed and what became of the result."""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from mnist_tui.storage import folders
from mnist_tui.storage.audit import read_audit
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.records import SessionState as S
from mnist_tui.storage.worker_status import Activity, WorkerStatus, read_worker_status
from mnist_tui.training.data.safe_load import load_plain
from mnist_tui.training.sessions.lifecycle import ENDED, Trigger
from tests.training.worlds import comparable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.harness import Workspace

SMALL: dict[str, Any] = {
    "model": "bn-cnn",
    "filters": "4-8-16",
    "dropout": 0.3,
    "augmentation": "shift",
    "dataset": "digits",
    "validation": 450,
    "epochs": 4,
    "batch_size": 32,
    "log_every": 4,
    "checkpoint_every": 0.15,
    "threads": 1,
    "device": "cpu",
}
"""A convolutional net with batch norm, dropout and augmentation, trained within two seconds."""

WITHOUT_OPTIONS = {
    name: value for name, value in SMALL.items() if name not in ("filters", "dropout")
}

CASES: list[dict[str, Any]] = [
    {**SMALL, "optimizer": "adam", "schedule": "onecycle", "learning_rate": 0.01, "seed": 1},
    {**SMALL, "optimizer": "sgd", "momentum": 0.9, "schedule": "cosine", "learning_rate": 0.05},
    {**SMALL, "optimizer": "rmsprop", "momentum": 0.5, "schedule": "step", "seed": 2},
    {**SMALL, "optimizer": "adamw", "schedule": "onecycle", "precision": "bf16"},
    {**SMALL, "model": "cnn", "filters": "4-8", "dense_units": 16, "schedule": "cosine"},
    {**WITHOUT_OPTIONS, "model": "lenet", "optimizer": "sgd", "schedule": "step"},
]
"""Every optimiser, schedule and precision, and most models."""

ANY_DELAY_S = 0.8
MAX_DELAY_S = 0.004
"""Added to each aimed kill, so that kills spread over a save or a validation."""

VALIDATION, SAVE, BOUNDARY, TRAINING, OTHER = "validation", "save", "boundary", "training", "other"
"""Where a kill can land."""

AIMS = (*[TRAINING] * 4, VALIDATION, SAVE, BOUNDARY)
"""Training stands for any instant; the others are waited for."""


@dataclass(frozen=True)
class Kill:
    """One SIGKILL of a worker."""

    session_id: int
    aim: str
    found: WorkerStatus
    """What the worker had last said when it was dead."""
    landed: str


@dataclass
class Trials:
    """All kills, and the sessions whose results differed from the untouched ones."""

    kills: list[Kill] = field(default_factory=list)
    different: dict[int, str] = field(default_factory=dict)
    num_runs: int = 0

    def table(self, seed: int) -> str:
        landed = Counter(kill.landed for kill in self.kills)
        bad = Counter(kill.landed for kill in self.kills if kill.session_id in self.different)
        lines = [
            f"{len(self.kills)} kills of workers in {self.num_runs} trainings, seed {seed}",
            f"{'landed in':<12} {'kills':>6} {'identical':>10} {'different':>10}",
        ]
        lines += [
            f"{place:<12} {landed[place]:>6} {landed[place] - bad[place]:>10} {bad[place]:>10}"
            for place in (TRAINING, VALIDATION, SAVE, BOUNDARY, OTHER)
        ]
        steps = sorted({kill.found.step for kill in self.kills})
        lines.append(f"{len(steps)} different steps, from {steps[0]} to {steps[-1]}")
        lines += [f"#{session}: {why}" for session, why in self.different.items()]
        return "\n".join(lines)


def result_of(workspace: Workspace, session_id: int) -> dict[str, Any]:
    """Return weights, optimiser state and everything else saved last, and the metric rows."""
    folder = CheckpointFolder(workspace.home.session(session_id) / folders.CHECKPOINTS)
    loaded = folder.newest_valid()
    assert loaded is not None
    return {"rows": comparable(workspace.rows(session_id)), **flat(load_plain(loaded.content))}


def flat(value: Any, name: str = "") -> dict[str, Any]:
    """Return every leaf by its path; tensors as type, shape and bytes."""
    if isinstance(value, dict):
        return {
            path: leaf
            for key, item in value.items()
            for path, leaf in flat(item, f"{name}/{key}").items()
        }
    if isinstance(value, torch.Tensor):
        content = value.contiguous().numpy().tobytes()
        return {name: (str(value.dtype), tuple(value.shape), content)}
    return {name: value}


def difference(expected: dict[str, Any], actual: dict[str, Any]) -> str | None:
    """Return the names of what is not identical, or None."""
    names = expected.keys() | actual.keys()
    odd = sorted(name for name in names if expected.get(name) != actual.get(name))
    return f"{len(odd)} of {len(names)} differ: {', '.join(odd[:5])}" if odd else None


def untouched(workspace: Workspace, case: dict[str, Any]) -> dict[str, Any]:
    """Train without any interruption and return the result."""
    session = workspace.create(parameters=case)
    workspace.reach(session, S.FINISHED)
    return result_of(workspace, session)


class Killer:
    """Kills the workers of one box, with a random stream of its own."""

    def __init__(self, workspace: Workspace, seed: int) -> None:
        self._workspace = workspace
        self._random = random.Random(seed)

    def run(self, case: dict[str, Any], num_kills: int, trials: Trials) -> int:
        """Train a session to its end through at most `num_kills` kills; return its ID."""
        session = self._workspace.create(parameters=case)
        for _ in range(num_kills):
            kill = self._kill_once(session)
            if kill is None:
                break
            trials.kills.append(kill)
            self._workspace.reach(session, S.FAILED)
            self._workspace.request(Trigger.RESUME, session)
        self._workspace.reach(session, S.FINISHED)
        trials.num_runs += 1
        return session

    def _kill_once(self, session: int) -> Kill | None:
        """Kill the worker at an aimed or a random instant; None once it has finished."""
        record = self._workspace.reach(session, S.RUNNING, *ENDED)
        if record.state is not S.RUNNING:
            assert record.state is S.FINISHED, record
            return None
        assert record.worker_pid is not None
        steps_per_epoch = record.progress.steps_per_epoch
        assert steps_per_epoch is not None
        path = self._workspace.home.session(session) / folders.WHEREABOUTS
        aim = self._random.choice(AIMS)
        skipped = self._random.choice((0, 0, 0, 1, 2))
        delay_s = self._random.uniform(0, ANY_DELAY_S if aim is TRAINING else MAX_DELAY_S)
        if aim is not TRAINING:
            _await(lambda: _place(read_worker_status(path), steps_per_epoch) == aim, skipped)
        _spin(delay_s)
        with suppress(ProcessLookupError):
            os.kill(record.worker_pid, signal.SIGKILL)
        if self._workspace.reach(session, S.FAILED, S.FINISHED).state is S.FINISHED:
            return None
        found = audited_end(self._workspace, session)
        return Kill(session, aim, found, _place(found, steps_per_epoch))


def audited_end(workspace: Workspace, session: int) -> WorkerStatus:
    """Return where the newest killed worker of a session was, as the audit log tells it."""
    texts = [
        one.entry.text for one in read_audit(workspace.home.audit) if one.session_id == session
    ]
    newest = next(text for text in reversed(texts) if text.startswith("worker gone"))
    if newest == "worker gone while loading":
        return WorkerStatus(Activity.LOADING, 0)
    told = re.fullmatch(r"worker gone while (\w+)( and saving)? at step ([\d,]+)", newest)
    assert told is not None, newest
    return WorkerStatus(Activity(told[1]), int(told[3].replace(",", "")), bool(told[2]))


def _place(found: WorkerStatus | None, steps_per_epoch: int) -> str:
    if found is None:
        return OTHER
    if found.is_saving:
        return SAVE
    if found.activity is Activity.TRAINING:
        # The batch under way is the first or the last of its epoch.
        is_boundary = found.step % steps_per_epoch in (0, steps_per_epoch - 1)
        return BOUNDARY if is_boundary else TRAINING
    places = {Activity.VALIDATING: VALIDATION, Activity.SAVING: SAVE}
    return places.get(found.activity, OTHER)


def _await(is_there: Callable[[], bool], num_skipped: int, timeout_s: float = 3.0) -> None:
    """Watch closely until something begins for the time after `num_skipped`, or the time is up."""
    deadline = time.monotonic() + timeout_s
    was_there = False
    while time.monotonic() < deadline:
        is_now = is_there()
        if is_now and not was_there:
            if num_skipped == 0:
                return
            num_skipped -= 1
        was_there = is_now
        _spin(0.0002)


def _spin(duration_s: float) -> None:
    """Let a moment pass, exactly: the instant of a kill is what these trials are about."""
    deadline = time.monotonic() + duration_s
    while (left := deadline - time.monotonic()) > 0:
        time.sleep(min(left, 0.0005))


def replace_newest(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Save a changed copy of the newest checkpoint in its place, with a manifest that fits."""
    import io

    checkpoints = CheckpointFolder(folder)
    loaded = checkpoints.newest_valid()
    assert loaded is not None
    content = load_plain(loaded.content)
    change(content)
    buffer = io.BytesIO()
    torch.save(content, buffer)
    info = loaded.info
    (folder / info.file).with_suffix(".json").unlink()
    (folder / info.file).unlink()
    checkpoints.save(
        buffer.getvalue(),
        position=info.position,
        epoch=info.epoch,
        reason=info.reason,
        is_best=info.is_best,
        generation=info.generation,
        fingerprint=info.fingerprint,
    )
