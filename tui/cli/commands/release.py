"""`release`: let held sessions start."""

from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.cli.session_command import session_command

release = session_command(Trigger.RELEASE, "Let held sessions start when there is a free slot.")
