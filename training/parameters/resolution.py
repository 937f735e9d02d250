"""Resolution of given values to the complete parameters of a session, reporting all problems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.training.parameters.catalog import OPTIMIZERS, is_own_model, model_info
from mnist_tui.training.parameters.field import quoted
from mnist_tui.training.parameters.hyperparameters import (
    FIELDS,
    Hyperparameters,
    ParameterError,
    Problem,
    applicable,
)
from mnist_tui.training.parameters.model_options import OptionError
from mnist_tui.training.parameters.split_sizes import (
    SplitChoice,
    SplitError,
    check_choice,
    split_sizes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mnist_tui.storage.datasets.dataset_folder import DatasetSizes


def resolve(
    given: Mapping[str, object], *, sizes: Mapping[str, DatasetSizes], default_threads: int
) -> Hyperparameters:
    """Check given values, fill in defaults, and return the frozen parameters.

    Args:
        given: Values by field name, as text or JSON.
        sizes: The images of each dataset that is available locally.
        default_threads: CPU threads if none are given.

    Raises:
        ParameterError: With every problem, each naming its field.
    """
    problems = [
        Problem(name, f"unknown parameter; known are {', '.join(FIELDS)}")
        for name in given
        if name not in FIELDS
    ]
    values: dict[str, Any] = {}
    for name, field in FIELDS.items():
        try:
            values[name] = field.read(given.get(name))
        except ValueError as error:
            problems.append(Problem(name, str(error)))
    faulty = {problem.field for problem in problems}
    if "device" not in faulty:
        problems += _check_device(values["device"])
    if not faulty & {"model", "optimizer"}:
        problems += _refuse_foreign_options(values, given)
        problems += _complete_options(values, faulty)
        problems += _check_pixels(values, faulty)
        problems += _check_initialization(values, given, faulty)
    if not faulty & {"dataset", "batch_size", *SplitChoice._fields}:
        problems += _fit_to_data(values, sizes.get(values["dataset"]))
    if values.get("threads") is None:
        values["threads"] = default_threads
    if problems:
        raise ParameterError(problems)
    return Hyperparameters(**values)


def _check_device(device: str) -> list[Problem]:
    kind, _, index = device.partition(":")
    is_valid = device in ("auto", "cpu", "mps", "cuda") or (
        kind == "cuda" and index.isascii() and index.isdigit()
    )
    if is_valid:
        return []
    return [Problem("device", f"unknown {quoted(device)}; use auto, cpu, cuda, cuda:N or mps")]


def _refuse_foreign_options(values: dict[str, Any], given: Mapping[str, object]) -> list[Problem]:
    meaningful = applicable(values["model"], values["optimizer"])
    return [
        Problem(
            name, f"does not apply to {values['model']} with {values['optimizer']}; leave it out"
        )
        for name in FIELDS
        if name not in meaningful
        and values.get(name) is not None
        and given.get(name) not in (None, "")
    ]


def _complete_options(values: dict[str, Any], faulty: set[str]) -> list[Problem]:
    model = model_info(values["model"])
    for name, default in (model.options | OPTIMIZERS[values["optimizer"]]).items():
        if name not in faulty and values[name] is None:
            values[name] = default
    if faulty & set(model.options):
        return []
    try:
        values.update(model.complete({name: values[name] for name in model.options}))
    except OptionError as error:
        return [Problem(error.option, str(error))]
    return []


def _check_pixels(values: dict[str, Any], faulty: set[str]) -> list[Problem]:
    is_wrong = model_info(values["model"]).is_unit_only and values["normalization"] != "unit"
    if "normalization" in faulty or not is_wrong:
        return []
    return [Problem("normalization", f"{values['model']} makes pixels of 0 to 1 itself; use unit")]


def _check_initialization(
    values: dict[str, Any], given: Mapping[str, object], faulty: set[str]
) -> list[Problem]:
    is_own = is_own_model(values["model"])
    if is_own and given.get("initialization") in (None, ""):
        values["initialization"] = "own"
    if "initialization" in faulty or is_own or values["initialization"] != "own":
        return []
    return [
        Problem("initialization", f"own does not apply to {values['model']}; use keras or torch")
    ]


def _fit_to_data(values: dict[str, Any], sizes: DatasetSizes | None) -> list[Problem]:
    choice = SplitChoice.of(values)
    try:
        if sizes is None:
            if values["dataset"] in DATASETS:
                check_choice(choice, len(DATASETS[values["dataset"]].classes))
            return []
        splits = split_sizes(sizes, choice)
    except SplitError as error:
        return [Problem(error.field, str(error))]
    if choice.split == "standard":
        values["validation"] = splits.validation
    if values["batch_size"] > splits.train:
        return [
            Problem(
                "batch_size",
                f"larger than the data: {splits.train:,} training images are left after validation;"
                f" use {splits.train:,} or less",
            )
        ]
    last_batch = splits.train % values["batch_size"] or values["batch_size"]
    if values.get("pretrained") is False and last_batch == 1:
        return [
            Problem(
                "batch_size",
                f"of {splits.train:,} training images one is left for the last batch, and"
                f" {values['model']} trains its statistics on two or more; use another size",
            )
        ]
    return []
