"""`new`: sessions from options generated from the table of parameters, or from a preset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mnist_tui.training.parameters.aliases import field_alias
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.training.parameters.overlay import overlay
from mnist_tui.training.parameters.presets import PRESETS
from mnist_tui.tui.cli.create_sessions import OPTIONS, create_sessions
from mnist_tui.tui.reports.parameter_table import default_text, value_text
from mnist_tui.tui.text.text_writer import pairs_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.tui.cli.context import CliContext

ALTERNATIVES = "Several values, such as 0.1,0.01, make a session each."


def _field_option(name: str) -> click.Option:
    field = FIELDS[name]
    return click.Option(
        [f"--{name.replace('_', '-')}", name],
        metavar=value_text(field),
        help=f"{field.help}  [default: {default_text(field)}]",
    )


SET_EXAMPLE = "--set epochs=3"
SET = click.Option(
    ["--set", "assignments"], multiple=True, metavar="FIELD=VALUE", help="The same, by name"
)
PRESET = click.Option(
    ["--preset"],
    type=click.Choice(list(PRESETS)),
    metavar="NAME",
    help="Begin with one of the presets below; what is given besides wins",
)


@click.pass_obj
def _new(
    setup: CliContext, /, preset: str | None, assignments: Sequence[str], **options: Any
) -> int:
    given = {name: options.pop(name) for name in FIELDS}
    parameters = {name: text for name, text in given.items() if text is not None}
    parameters |= assigned(assignments, SET_EXAMPLE)
    return create_sessions(setup, begun(setup, preset, parameters), setup.data_dir, **options)


def begun(setup: CliContext, preset: str | None, changes: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of a new session: the settings, a preset over them, then `changes`."""
    base = dict(PRESETS[preset].parameters) if preset else {}
    if setup.settings.device != FIELDS["device"].default:
        base.setdefault("device", setup.settings.device)
    return overlay(base, changes)


def assigned(words: Sequence[str], example: str) -> dict[str, str]:
    """Return the values in words such as lr=0.1, by field name.

    Args:
        words: The words; an unknown name is kept, to be refused with the others.
        example: An example of such a word for this command.

    Raises:
        click.UsageError: A word is no assignment, or a field is given twice.
    """
    values: dict[str, str] = {}
    context = click.get_current_context()
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name.strip():
            raise click.UsageError(f"Give FIELD=VALUE, such as {example}, not {word!r}", context)
        field = field_alias(name) or name.strip().replace("-", "_")
        if field in values:
            raise click.UsageError(f"{field} is given twice; give all its values at once", context)
        values[field] = value
    return values


def presets_text() -> str:
    """Return the presets as shown below the options of a help page."""
    lines = pairs_text([(f"  {name}", preset.sentence) for name, preset in PRESETS.items()])
    return "\n".join(["\b", "Presets:", *lines])


new = click.Command(
    "new",
    params=[*map(_field_option, FIELDS), SET, PRESET, *OPTIONS],
    callback=_new,
    help="Make a session and print its ID, alone, on standard output."
    f" What is left out takes its default. {ALTERNATIVES}",
    short_help="Make a session and print its ID.",
    epilog=presets_text(),
)
