"""Commands to a running training: pause, resume, stop, and those that leave it as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from mnist_tui.storage.errors import DiskFullError, StorageError
from mnist_tui.storage.worker_status import Activity
from mnist_tui.training.engine.run_recorder import disk_full_message
from mnist_tui.training.sessions.lifecycle import Trigger

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.training.engine.interfaces import Control, Sink
    from mnist_tui.training.engine.run_recorder import RunRecorder
    from mnist_tui.training.engine.training_state import TrainingState
    from mnist_tui.training.protocol.worker_messages import WorkerCommand


class Handler(Protocol):
    """Carries a command out and reports it to the sink; the training stays as it is."""

    def __call__(self, command: WorkerCommand, *, is_training: bool) -> None:
        """Handle `command`; `is_training` is False while the training is paused."""


class CommandHandler:
    """Takes commands from a control and carries them out."""

    def __init__(
        self, run: TrainingState, control: Control, sink: Sink, recorder: RunRecorder
    ) -> None:
        self._run = run
        self._control = control
        self._sink = sink
        self._recorder = recorder
        self._disk_full_reason: str | None = None
        """A sentence while the training is paused because there is no room to save it."""
        self.handlers: dict[Trigger, Handler] = {Trigger.SNAPSHOT: self._take_snapshot}
        """Commands that leave the training as it is; handled while it runs and while it pauses."""
        self.on_pause: list[Callable[[], None]] = []
        """Called before the training pauses, stops or finishes."""

    def poll(self) -> WorkerCommand | None:
        """Return the next command that pauses or stops the training, or None; never waits."""
        while (command := self._control.poll()) is not None:
            if not self._handle_without_pausing(command, is_training=True):
                return command
        return None

    def handle(self, command: WorkerCommand) -> Trigger:
        """Carry a command out and return what to do next: RESUME or STOP; a pause lasts in here."""
        self.finish_hooks()
        while True:
            self._sink.seen(command, self._run.position.step)
            if command.action is not Trigger.RESUME or self._disk_full_reason:
                self._try_to_save(command.action)
            self._sink.done(command, self._run.position.step)
            is_over = command.action is Trigger.RESUME and not self._disk_full_reason
            if is_over or command.action is Trigger.STOP:
                self._recorder.restart_interval()
                return command.action
            command = self._wait()

    def pause_for_disk(self, error: DiskFullError) -> Trigger:
        """Pause until there is room; return RESUME or STOP."""
        self._begin_disk_pause(error)
        return self.handle(self._wait())

    def finish_hooks(self) -> None:
        """Let hooks finish what they do while the training runs."""
        for finish in self.on_pause:
            finish()

    def _wait(self) -> WorkerCommand:
        """Wait for the next command that resumes, pauses or stops the training."""
        while True:
            self._sink.doing(Activity.PAUSED, self._run.position.step)
            command = self._control.wait()
            if not self._handle_without_pausing(command, is_training=False):
                return command

    def _handle_without_pausing(self, command: WorkerCommand, *, is_training: bool) -> bool:
        """Carry a command out and return True if it leaves the training as it is."""
        handler = self.handlers.get(command.action)
        if handler is not None:
            handler(command, is_training=is_training)
        return handler is not None

    def _take_snapshot(self, command: WorkerCommand, *, is_training: bool) -> None:
        """Save under a name; if that fails, report it and continue as before."""
        step = self._run.position.step
        self._sink.seen(command, step)
        try:
            self._recorder.save_named(command.action.value, command.name)
        except DiskFullError as error:
            self._sink.not_done(command, disk_full_message(error), step)
        except StorageError as error:
            self._sink.not_done(command, str(error).removesuffix("."), step)
        else:
            self._sink.done(command, step)

    def _try_to_save(self, action: Trigger) -> None:
        """Save on a command; without room, report it."""
        try:
            self._recorder.save(action.value)
        except DiskFullError as error:
            if action is Trigger.STOP:
                safe = self._recorder.last_checkpoint_text
                self._sink.exit_message = f"{disk_full_message(error)}; {safe}"
            else:
                self._begin_disk_pause(error)
        else:
            self._disk_full_reason = None
            self._recorder.report(is_milestone=True)

    def _begin_disk_pause(self, error: DiskFullError) -> None:
        """Report that the training is paused until there is room."""
        self.finish_hooks()
        step = self._run.position.step
        self._disk_full_reason = (
            f"{disk_full_message(error)}; training is paused at step {step:,},"
            f" {self._recorder.last_checkpoint_text}; make room and resume"
        )
        self._recorder.report(is_milestone=True)
        self._sink.paused(self._disk_full_reason, step)
