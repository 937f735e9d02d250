"""Generated parts of `docs/reference.md`: keys, commands, parameters, models and datasets.

`python -m mnist_tui.tui.cli.reference docs/reference.md` renews them between their marks; a test
compares the file with the program.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.tui.cli.group import COMMANDS, cli
from mnist_tui.tui.keys.key_action import GROUPS, TITLES, VIEWS
from mnist_tui.tui.keys.key_table import ACTIONS
from mnist_tui.tui.reports import parameter_table
from mnist_tui.tui.reports.table_formats import pipe_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mnist_tui.tui.keys.key_action import KeyAction


def part_of(page: str, name: str) -> str:
    """Return the text between the marks of a part; empty if they are missing."""
    begin, end = _marks(name)
    return page.partition(begin)[2].partition(end)[0]


def renewed(page: str) -> str:
    """Return `page` with every generated part replaced by its present text."""
    for name, make in PARTS.items():
        begin, end = _marks(name)
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}{make()}{end}{rest.partition(end)[2]}"
    return page


def keys() -> str:
    """Return one table per group of key actions."""
    return "\n".join(
        pipe_table(
            (group, "", "", "where"),
            [
                (_keys(action), action.label, action.tooltip, _screens(action))
                for action in ACTIONS
                if action.group == group
            ],
        )
        + "\n"
        for group in GROUPS
    )


def commands() -> str:
    """Return a table of every command and subcommand with its help and options."""
    rows = [row for name in COMMANDS for row in _command_rows(name)]
    return pipe_table(("command", "what it does", "options"), rows) + "\n"


def _keys(action: KeyAction) -> str:
    return " ".join(f"`{key}`" for key in action.all_keys.replace("|", "\\|").split())


def _screens(action: KeyAction) -> str:
    if set(VIEWS) <= set(action.screens):
        return "everywhere"
    return ", ".join(TITLES[screen].lower() for screen in action.screens)


def _command_rows(name: str) -> Iterator[Sequence[str]]:
    parent = click.Context(cli, info_name="mnist-tui")
    command = cli.get_command(parent, name)
    assert command is not None, f"{name} is in the table of commands"
    context = click.Context(command, info_name=name, parent=parent)
    if not isinstance(command, click.Group):
        yield _command_row(command, context)
        return
    for subcommand in command.commands.values():
        yield _command_row(
            subcommand, click.Context(subcommand, info_name=subcommand.name, parent=context)
        )


def _command_row(command: click.Command, context: click.Context) -> Sequence[str]:
    words = [context.command_path.removeprefix("mnist-tui ")]
    words += [word for word in command.collect_usage_pieces(context) if word != "[OPTIONS]"]
    options = [option for option in command.params if isinstance(option, click.Option)]
    shown = [f"`{option.opts[-1]}`" for option in options if option.name not in FIELDS]
    if len(options) - len(shown) == len(FIELDS):
        shown.insert(0, "every parameter")
    else:
        shown = [f"`{option.opts[-1]}`" for option in options]
    return (
        f"`{' '.join(words)}`".replace("|", "\\|"),
        " ".join((command.help or "").split()).replace("|", "\\|"),
        ", ".join(shown),
    )


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"


PARTS: dict[str, Callable[[], str]] = {
    "keys": keys,
    "commands": commands,
    "parameters": parameter_table.parameters,
    "models": parameter_table.models,
    "datasets": parameter_table.datasets,
}
"""The text between `<!-- NAME: begin -->` and `<!-- NAME: end -->`."""


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
