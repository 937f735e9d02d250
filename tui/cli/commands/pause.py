"""`pause`: no further batch; the process keeps its memory."""

from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.cli.session_command import session_command

pause = session_command(
    Trigger.PAUSE, "Train no further batch; a checkpoint is written, the process keeps its memory."
)
