"""The kernel's out-of-memory killer takes one worker, and its row says so."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.harness import ENDLESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness import Workspace

CONTROLLERS = (
    (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
    (Path("/sys/fs/cgroup"), "memory.max"),
)


@pytest.fixture
def tight_group() -> Iterator[Path]:
    """A control group whose processes get hardly any more memory."""
    if os.getuid() != 0:
        pytest.skip("needs root to limit memory")
    for folder, limit in CONTROLLERS:
        if (folder / "cgroup.procs").exists():
            group = Path(tempfile.mkdtemp(prefix="mnist-tui-", dir=folder))
            if (group / limit).exists():
                (group / limit).write_text(str(4 * 1024 * 1024))
                yield group
                group.rmdir()
                return
            group.rmdir()
    pytest.skip("this system has no memory controller to limit memory with")


def test_the_kernel_takes_the_one_worker_and_the_row_says_out_of_memory(
    shared: Workspace, tight_group: Path
) -> None:
    bystander = shared.create()
    session = shared.create(parameters={**ENDLESS, "checkpoint_every": 0.2})
    pid = shared.reach_step(session, 20).worker_pid
    shared.reach(bystander, S.RUNNING)

    (tight_group / "cgroup.procs").write_text(str(pid))
    failed = shared.reach(session, S.FAILED)

    assert failed.cause is not None
    assert failed.cause.startswith("out of memory: killed by the kernel while ")
    assert shared.record(bystander).state is S.RUNNING
    shared.request(Trigger.RESUME, session)
    shared.reach_step(session, failed.progress.position.step + 5)
