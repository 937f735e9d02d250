"""Checks of the form, equal to those of the supervisor."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.storage.datasets.dataset_folder import DatasetSizes, inspect
from mnist_tui.storage.errors import DatasetDamagedError, DatasetMissingError
from mnist_tui.training.parameters.hyperparameters import ParameterError
from mnist_tui.training.parameters.labels import check_label
from mnist_tui.training.parameters.sweep import SweepPlan, plan_and_resolve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mnist_tui.training.parameters.hyperparameters import Hyperparameters


class Checked(NamedTuple):
    """Result of a check: planned sessions, or problems."""

    plans: list[SweepPlan]
    """Empty if a field is wrong."""
    resolved: list[Hyperparameters]
    """Complete parameters of each of `plans`."""
    problems: dict[str, str]
    """Problem by field."""


class FormCheck:
    """Checker of fields against each other and against the local data."""

    def __init__(self, data_dir: Path) -> None:
        self.default_threads = 1
        """CPU threads of a session without a given number."""
        self._data_dir = data_dir
        self._inspected: dict[str, DatasetSizes | str] = {}

    def check(self, parameters: Mapping[str, str], name: str) -> Checked:
        """Return the planned sessions of a form, or its problems."""
        problems: dict[str, str] = {}
        plans: list[SweepPlan] = []
        resolved: list[Hyperparameters] = []
        dataset = parameters["dataset"]
        data = self._inspect(dataset)
        if isinstance(data, str):
            problems["dataset"] = data
        sizes = {dataset: data} if isinstance(data, DatasetSizes) else {}
        try:
            plans, resolved = plan_and_resolve(
                parameters, name, sizes=sizes, default_threads=self.default_threads
            )
        except ParameterError as error:
            for problem in error.problems:
                problems.setdefault(problem.field, problem.message)
        try:
            if name:
                check_label(name)
        except ValueError as error:
            problems["name"] = str(error)
        return Checked([], [], problems) if problems else Checked(plans, resolved, {})

    def sizes(self, dataset: str) -> DatasetSizes | None:
        """Return the sizes of a dataset; None if its files are missing or damaged."""
        data = self._inspect(dataset)
        return data if isinstance(data, DatasetSizes) else None

    def dataset_note(self, dataset: str) -> str:
        """Return a note on the size of a dataset, or on how it will be obtained."""
        data = self._inspect(dataset)
        if isinstance(data, DatasetSizes):
            return f"{data.num_train:,} training images"
        if dataset not in DATASETS:
            return "made of its pictures first"
        if DATASETS[dataset].torchvision_class:
            return "not here yet, is downloaded first"
        return "made first, needs no network"

    def _inspect(self, dataset: str) -> DatasetSizes | str | None:
        """Return the sizes, None if files are missing, or the problem with them."""
        if dataset not in self._inspected:
            try:
                self._inspected[dataset] = inspect(self._data_dir, dataset)
            except DatasetMissingError:
                return None
            except DatasetDamagedError as error:
                self._inspected[dataset] = str(error)
        return self._inspected[dataset]
