"""`kill`: end at once."""

from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.cli.session_command import session_command

kill = session_command(
    Trigger.KILL, "End at once, nothing saved; resume goes on from the last checkpoint."
)
