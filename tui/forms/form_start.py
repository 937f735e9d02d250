"""Making what a form stands for: all are tried first, then made one after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mnist_tui.training.protocol.client import Refused, Unreachable, as_record
from mnist_tui.training.protocol.messages import Create
from mnist_tui.tui.state.create_requests import half_made

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.parameters.sweep import SweepPlan


@dataclass
class FormOutcome:
    """What came of a start."""

    made: list[SessionRecord] = field(default_factory=list)
    """The sessions that exist now."""
    sentence: str = ""
    """Why not all of them were made; empty where they were."""
    problems: dict[str, str] = field(default_factory=dict)
    """What was refused, by field."""


async def make_all(
    request: Callable[..., Awaitable[Any]],
    plans: Sequence[SweepPlan],
    *,
    data_dir: Path,
    environment: dict[str, str],
    is_held: bool,
) -> FormOutcome:
    """Make the sessions; none where one would be refused.

    Args:
        request: Sends a request to the supervisor.
        plans: The sessions.
        data_dir: The folder of their dataset.
        environment: What they get of this process.
        is_held: Whether they wait to be released.
    """
    common = {
        "data_dir": str(data_dir),
        "is_held": is_held,
        "environment": environment,
    }
    outcome = FormOutcome()
    try:
        if len(plans) > 1:
            for each in plans:
                await request(
                    Create, parameters=each.parameters, name=each.name, is_dry_run=True, **common
                )
        for each in plans:
            made = await request(Create, parameters=each.parameters, name=each.name, **common)
            outcome.made.append(as_record(made))
    except (Refused, Unreachable) as error:
        ids = [record.id for record in outcome.made]
        outcome.sentence = half_made(ids, len(plans), str(error)) if ids else str(error)
        outcome.problems = dict(error.problems) if isinstance(error, Refused) else {}
    return outcome
