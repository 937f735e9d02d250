"""Making sessions through the supervisor: all of a request, or none where one is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mnist_tui.training.protocol.client import Client, Refused, Unreachable, as_record
from mnist_tui.training.protocol.environment import forwarded_environment
from mnist_tui.training.protocol.messages import Create, TaskProgressed
from mnist_tui.tui.terminal.output import ProgressLine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.parameters.sweep import SweepPlan
    from mnist_tui.training.protocol.messages import Event


@dataclass(frozen=True)
class CreateOptions:
    """How sessions are to be made, beside their parameters."""

    name: str
    tags: tuple[str, ...]
    note: str
    is_held: bool
    is_dry_run: bool
    is_json: bool
    is_waiting: bool


class PartialCreateError(Exception):
    """Some sessions of a request exist, and the next one could not be made."""


class SessionCreator:
    """Asks the supervisor for sessions, showing how far their data is."""

    def __init__(
        self,
        client: Client,
        wish: CreateOptions,
        data_dir: Path,
        environment: dict[str, str] | None = None,
    ) -> None:
        self._client = client
        self._wish = wish
        self._data_dir = data_dir
        self._environment = forwarded_environment() if environment is None else environment

    def try_all(self, plans: Sequence[SweepPlan]) -> list[dict[str, Any]]:
        """Return the parameters of each session in full, making none.

        Raises:
            Refused: One of them cannot be made.
        """
        return [self._create(each, is_dry_run=True) for each in plans]

    def make_all(
        self, plans: Sequence[SweepPlan], tell: Callable[[SessionRecord], object]
    ) -> list[SessionRecord]:
        """Make each session and tell of it; none where one would be refused.

        Raises:
            Refused: One of them cannot be made, so none was.
            Unreachable: The supervisor was lost before the first.
            HalfMadeError: Something happened between the first and the last.
        """
        if len(plans) > 1:
            self.try_all(plans)
        made: list[SessionRecord] = []
        for each in plans:
            try:
                record = as_record(self._create(each, is_dry_run=False))
            except (Refused, Unreachable) as error:
                if not made:
                    raise
                ids = [each.id for each in made]
                raise PartialCreateError(half_made(ids, len(plans), str(error))) from error
            tell(record)
            made.append(record)
        return made

    def _create(self, each: SweepPlan, *, is_dry_run: bool) -> Any:
        with ProgressLine() as line:

            def show(event: Event) -> None:
                if isinstance(event, TaskProgressed):
                    line.show(event.text)

            return self._client.request(
                Create,
                on_event=show,
                parameters=each.parameters,
                data_dir=str(self._data_dir),
                name=each.name,
                tags=self._wish.tags,
                note=self._wish.note,
                is_held=self._wish.is_held,
                is_dry_run=is_dry_run,
                environment=self._environment,
                study=each.study,
            )


def half_made(ids: Sequence[int], num_wanted: int, reason: str) -> str:
    """Return what is said where some sessions of a request exist and the next was refused."""
    made = ", ".join(f"#{session_id}" for session_id in ids)
    return f"{len(ids)} of {num_wanted} sessions were made ({made}), then: {reason}"
