"""`hold`: keep queued sessions waiting."""

from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.cli.session_command import session_command

hold = session_command(Trigger.HOLD, "Keep queued sessions waiting until they are released.")
