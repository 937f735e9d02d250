"""Calls with a time limit, for functions that may hang, such as those of a failed driver."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")


class TookTooLong(Exception):  # noqa: N818 — a state, not a fault of the caller
    """The call has not returned yet; it may still do so."""


class TimeoutCall(Generic[Value]):
    """Calls a function in a thread of its own and waits for a limited time.

    While a call has not returned no other is begun, so a hanging driver costs one thread. The
    thread is a daemon: it does not keep the program from ending.
    """

    def __init__(self, function: Callable[[], Value], patience_s: float) -> None:
        """Prepare the calls.

        Args:
            function: What is called; it must not raise.
            patience_s: Seconds to wait for it.
        """
        self._function = function
        self._patience_s = patience_s
        self._pending: _Running[Value] | None = None

    def __call__(self) -> Value:
        """Return what the function returns.

        Raises:
            TookTooLong: It did not return in time, or an earlier call still has not.
        """
        is_late = self._pending is not None
        running = self._pending or _Running(self._function)
        self._pending = running
        if not running.is_over.wait(0 if is_late else self._patience_s):
            raise TookTooLong
        self._pending = None
        # The result of a late call is out of date.
        return self() if is_late else running.result[0]


class _Running(Generic[Value]):
    def __init__(self, function: Callable[[], Value]) -> None:
        self.is_over = threading.Event()
        self.result: list[Value] = []
        self._function = function
        threading.Thread(target=self._run, name="patient-call", daemon=True).start()

    def _run(self) -> None:
        try:
            self.result.append(self._function())
        finally:
            self.is_over.set()
