"""Session creation: all sessions of a request are checked before the first one is created."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from mnist_tui.training.protocol.client import Refused, Unreachable, as_record
from mnist_tui.training.protocol.environment import forwarded_environment
from mnist_tui.training.protocol.requests import Create

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from pathlib import Path

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.parameters.sweep import SweepPlan

Result = TypeVar("Result")


@dataclass(frozen=True)
class CreateOptions:
    """Properties that the sessions of one request share, the parameters aside."""

    data_dir: Path
    """Folder of their dataset."""
    tags: tuple[str, ...] = ()
    note: str = ""
    is_held: bool = False
    """True if they wait for release."""
    environment: dict[str, str] = field(default_factory=forwarded_environment)


class PartialCreateError(Exception):
    """Some sessions of a request exist, and the next one could not be created."""

    def __init__(
        self, created: Sequence[SessionRecord], num_planned: int, error: Exception
    ) -> None:
        ids = ", ".join(f"#{record.id}" for record in created)
        super().__init__(
            f"{len(created)} of {num_planned} sessions were made ({ids}), then: {error}"
        )
        self.problems: list[tuple[str, str]] = getattr(error, "problems", [])
        """(field, sentence) of each parameter that was refused."""


class SessionCreator:
    """Creates sessions through the supervisor, without blocking."""

    def __init__(self, request: Callable[..., Awaitable[Any]], options: CreateOptions) -> None:
        """Prepare creation.

        Args:
            request: Sends a request and returns the payload of its reply.
            options: Properties of all sessions.
        """
        self._request = request
        self._options = options

    async def check_all(self, plans: Sequence[SweepPlan]) -> list[dict[str, Any]]:
        """Return the complete parameters of each session and create none.

        Raises:
            Refused: One of them cannot be created.
            Unreachable: The supervisor was lost.
        """
        return [await self._create(plan, is_dry_run=True) for plan in plans]

    async def create_all(
        self, plans: Sequence[SweepPlan], on_created: Callable[[SessionRecord], object]
    ) -> list[SessionRecord]:
        """Create each session and pass it to `on_created`; none if one would be refused.

        Raises:
            Refused: One of them cannot be created, so none was.
            Unreachable: The supervisor was lost before the first.
            PartialCreateError: One failed after the first.
        """
        if len(plans) > 1:
            await self.check_all(plans)
        created: list[SessionRecord] = []
        for plan in plans:
            try:
                record = as_record(await self._create(plan, is_dry_run=False))
            except (Refused, Unreachable) as error:
                if not created:
                    raise
                raise PartialCreateError(created, len(plans), error) from error
            created.append(record)
            on_created(record)
        return created

    async def _create(self, plan: SweepPlan, *, is_dry_run: bool) -> Any:
        return await self._request(
            Create,
            parameters=plan.parameters,
            data_dir=str(self._options.data_dir),
            name=plan.name,
            tags=self._options.tags,
            note=self._options.note,
            is_held=self._options.is_held,
            is_dry_run=is_dry_run,
            environment=self._options.environment,
            study=plan.study,
        )


class BlockingSessionCreator:
    """Creates sessions as `SessionCreator` does, with requests that block."""

    def __init__(self, request: Callable[..., Any], options: CreateOptions) -> None:
        async def blocking(*args: Any, **fields: Any) -> Any:
            return request(*args, **fields)

        self._creator = SessionCreator(blocking, options)

    def check_all(self, plans: Sequence[SweepPlan]) -> list[dict[str, Any]]:
        """Return the complete parameters of each session, as `SessionCreator.check_all` does."""
        return _run(self._creator.check_all(plans))

    def create_all(
        self, plans: Sequence[SweepPlan], on_created: Callable[[SessionRecord], object]
    ) -> list[SessionRecord]:
        """Create each session, as `SessionCreator.create_all` does."""
        return _run(self._creator.create_all(plans, on_created))


def _run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Return the result of a coroutine that never waits; asyncio would take 40 ms to import."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: Result = stop.value
        return result
    raise AssertionError("a blocking request does not wait")
