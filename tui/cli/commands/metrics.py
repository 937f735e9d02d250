"""`metrics`: every measurement of a session."""

from mnist_tui.tui.cli.commands.logs import metrics

__all__ = ["metrics"]
