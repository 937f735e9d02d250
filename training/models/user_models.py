"""Networks written by the user, named as `package.module:build`."""

from __future__ import annotations

import importlib
import inspect
import sys
import sysconfig
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})

if TYPE_CHECKING:
    from collections.abc import Callable


class UserModelError(ValueError):
    """The user's model cannot be imported or used; the text is a sentence for the user."""


def build_user_model(name: str, num_classes: int, seed: int) -> nn.Module:
    """Call the function `package.module:build` with the number of classes and return the network.

    A function that takes no argument is called without. What it draws at random are functions of
    `seed` as far as they come from torch's generator for the CPU, whose state stays as it was.

    Raises:
        UserModelError: The function cannot be imported, or fails, or returns no network.
    """
    builder = _builder(name)
    try:
        takes_classes = bool(inspect.signature(builder).parameters)
    except (TypeError, ValueError):  # a callable without a signature
        takes_classes = True
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        try:
            model = builder(num_classes) if takes_classes else builder()
        except (Exception, SystemExit) as error:
            raise UserModelError(
                f"{name} failed when it was called: {describe_error(error)}"
            ) from error
    if not isinstance(model, nn.Module):
        raise UserModelError(
            f"{name} returned a {type(model).__name__}; let it return a torch.nn.Module."
        )
    return model


def source_files(name: str, model: nn.Module) -> list[str]:
    """Return the files that define the function `name`, the classes of `model` and of its parts.

    Those of installed libraries are left out.
    """
    names = {type(module).__module__ for module in model.modules()} | {name.partition(":")[0]}
    modules = {sys.modules.get(module) for module in names}
    files = {getattr(module, "__file__", None) for module in modules}
    return sorted(file for file in files if file and not file.startswith(_LIBRARIES))


def describe_error(error: BaseException) -> str:
    """Return an error and the last line of the user's code that led to it, as a clause."""
    text = " ".join(str(error).split())[:300]
    frames = traceback.extract_tb(error.__traceback__)
    places = [
        f" ({Path(frame.filename).name}:{frame.lineno})" for frame in frames if _is_own(frame)
    ]
    return f"{type(error).__name__}{': ' if text else ''}{text}{places[-1] if places else ''}"


def _is_own(frame: traceback.FrameSummary) -> bool:
    is_code = Path(frame.filename).is_file()
    return is_code and not frame.filename.startswith((*_LIBRARIES, str(Path(__file__).parents[1])))


def _builder(name: str) -> Callable[..., Any]:
    module_name, _, function_name = name.partition(":")
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        raise UserModelError(
            f"{name} cannot be imported: {describe_error(error)}; start mnist-tui in the folder"
            f" that {module_name.partition('.')[0]} is in, or install it."
        ) from error
    builder: Callable[..., Any] | None = getattr(module, function_name, None)
    if not callable(builder):
        raise UserModelError(
            f"{module.__file__} has no function {function_name}; write one that takes the number of"
            " classes and returns a torch.nn.Module."
        )
    return builder
