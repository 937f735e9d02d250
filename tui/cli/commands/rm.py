"""`rm`: move sessions to the trash."""

from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.cli.session_command import session_command

rm = session_command(
    Trigger.REMOVE, "Move ended or queued sessions to the trash folder; nothing is deleted."
)
