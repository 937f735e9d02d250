"""Requests that take a moment: their progress is shown on one line of standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnist_tui.training.protocol.messages import TaskProgressed
from mnist_tui.tui.terminal.output import ProgressLine

if TYPE_CHECKING:
    from mnist_tui.training.protocol.client import Client
    from mnist_tui.training.protocol.messages import Event
    from mnist_tui.training.protocol.requests import AnyRequest


def request_with_progress(
    client: Client, kind: type[AnyRequest], *, first: str = "", prefix: str = "", **fields: Any
) -> Any:
    """Send a request and return the payload of its reply.

    Args:
        client: A connection to the supervisor.
        kind: The request.
        first: Text shown until there is any progress.
        prefix: Text before each report of progress.
        **fields: Fields of the request.

    Raises:
        Refused: The supervisor refused it.
        Unreachable: The connection was lost.
    """
    with ProgressLine() as line:

        def show(event: Event) -> None:
            if isinstance(event, TaskProgressed):
                line.show(f"{prefix}{event.text}")

        if first:
            line.show(first)
        return client.request(kind, on_event=show, **fields)
