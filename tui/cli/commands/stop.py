"""`stop`: save and free the device."""

from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.cli.session_command import session_command

stop = session_command(
    Trigger.STOP, "Finish the batch, save and free the device; resume goes on later."
)
