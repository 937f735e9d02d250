"""The command that trains the same once more."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from mnist_tui.training.parameters.hyperparameters import FIELDS, ParameterError, to_plain
from mnist_tui.training.parameters.resolution import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

DECIDES_DEFAULTS = ("dataset", "model", "optimizer")
"""What the defaults of other parameters depend on."""
ALWAYS_NAMED = ("seed", "device", "threads")
"""What a result depends on and another machine or its settings would choose otherwise."""


def reproduce_command(parameters: Mapping[str, Any]) -> str:
    """Return `mnist-tui new` with every parameter that is not default, ready for a shell.

    Args:
        parameters: Those of a session, complete, as plain types.
    """
    defaults = _defaults(parameters)
    words = ["mnist-tui", "new"]
    for name, field in FIELDS.items():
        value = parameters.get(name)
        if value is None or (name not in ALWAYS_NAMED and _same(value, defaults.get(name))):
            continue
        words += [f"--{name.replace('_', '-')}", field.show(value)]
    return shlex.join(words)


def _defaults(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what `new` would take for what is left out; nothing where it knows not this model."""
    given = {name: parameters[name] for name in DECIDES_DEFAULTS if name in parameters}
    try:
        defaults = to_plain(resolve(given, sizes={}, default_threads=1))
    except ParameterError:
        return {}
    return defaults | {name: FIELDS[name].default for name in DECIDES_DEFAULTS}


def _same(value: Any, default: Any) -> bool:
    # Numbers that stand in lists are tuples before they were stored.
    return value == default or (isinstance(value, list | tuple) and list(value) == _listed(default))


def _listed(value: Any) -> list[Any] | None:
    return list(value) if isinstance(value, list | tuple) else None
