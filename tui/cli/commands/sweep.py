"""`sweep`: a session for each combination of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mnist_tui.training.parameters.sweep import MAX_SESSIONS
from mnist_tui.tui.cli.commands.new import PRESET, SET, SET_EXAMPLE, assigned, begun, presets_text
from mnist_tui.tui.cli.create_sessions import OPTIONS, create_sessions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.cli.context import CliContext


@click.pass_obj
def _sweep(
    setup: CliContext,
    /,
    words: Sequence[str],
    preset: str | None,
    assignments: Sequence[str],
    **options: Any,
) -> int:
    varied, fixed = assigned(words, "lr=0.1,0.01"), assigned(assignments, SET_EXAMPLE)
    both = sorted(varied.keys() & fixed.keys())
    if both:
        raise click.UsageError(
            f"{both[0]} is given twice; sweep over it or set it, not both",
            click.get_current_context(),
        )
    parameters = begun(setup, preset, fixed | varied)
    return create_sessions(setup, parameters, setup.data_dir, **options)


sweep = click.Command(
    "sweep",
    params=[
        click.Argument(["words"], metavar="FIELD=A,B,C...", nargs=-1, required=True),
        SET,
        PRESET,
        *OPTIONS,
    ],
    callback=_sweep,
    help="Make a session for each combination of the values and print the IDs, one a line, such as"
    " `mnist-tui sweep lr=0.1,0.01 bs=32,64 --set epochs=3`. Lists within a value are written"
    f" 32-64. All are checked first; {MAX_SESSIONS} sessions at most.",
    short_help="Make a session for each combination of values.",
    epilog=presets_text(),
)
