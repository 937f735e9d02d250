"""`clone`: a session with the parameters of another one and some changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mnist_tui.training.parameters.overlay import copy_name, overlay
from mnist_tui.tui.cli.commands.new import ALTERNATIVES, assigned
from mnist_tui.tui.cli.create_sessions import OPTIONS, create_sessions
from mnist_tui.tui.cli.selection import select_one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.cli.context import CliContext


@click.pass_obj
def _clone(setup: CliContext, /, word: str, assignments: Sequence[str], **options: Any) -> int:
    changes = assigned(assignments, "lr=0.01")
    records, _ = setup.read_records()
    original = select_one(records, word, setup.home)
    name = options.pop("name") or copy_name(original.name, [record.name for record in records])
    is_elsewhere = "data_dir" in setup.given or not original.data_dir
    data_dir = setup.data_dir if is_elsewhere else Path(original.data_dir)
    parameters = overlay(original.parameters, changes)
    return create_sessions(setup, parameters, data_dir, original, name=name, **options)


clone = click.Command(
    "clone",
    params=[
        click.Argument(["word"], metavar="ID"),
        click.Argument(["assignments"], metavar="[FIELD=VALUE]...", nargs=-1),
        *OPTIONS,
    ],
    callback=_clone,
    help="Make a session with the parameters of another one, from new weights, and print its ID."
    " FIELD=VALUE says what is different, such as lr=0.01; a changed model, optimizer or dataset"
    f" takes the defaults of its own options. {ALTERNATIVES}",
    short_help="Make a session like another one.",
)
