"""What is wrong with a form: the same checks as the supervisor's, before anything is asked."""

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
    """What a form stands for: sessions, or problems."""

    plans: list[SweepPlan]
    """Empty where a field is wrong."""
    resolved: list[Hyperparameters]
    """The parameters of each of `plans`, in full."""
    problems: dict[str, str]
    """What is wrong, by field."""


class FormCheck:
    """Checks fields against each other and against the data on this machine."""

    def __init__(self, data_dir: Path) -> None:
        self.default_threads = 1
        """CPU threads of a session that names none."""
        self._data_dir = data_dir
        self._found: dict[str, DatasetSizes | str] = {}

    def check(self, parameters: Mapping[str, str], name: str) -> Checked:
        """Return the sessions that a form stands for, and what is wrong by field."""
        wrong: dict[str, str] = {}
        plans: list[SweepPlan] = []
        resolved: list[Hyperparameters] = []
        dataset = parameters["dataset"]
        found = self._look_for(dataset)
        if isinstance(found, str):
            wrong["dataset"] = found
        sizes = {dataset: found} if isinstance(found, DatasetSizes) else {}
        try:
            plans, resolved = plan_and_resolve(
                parameters, name, sizes=sizes, default_threads=self.default_threads
            )
        except ParameterError as error:
            for problem in error.problems:
                wrong.setdefault(problem.field, problem.message)
        try:
            if name:
                check_label(name)
        except ValueError as error:
            wrong["name"] = str(error)
        return Checked([], [], wrong) if wrong else Checked(plans, resolved, {})

    def sizes(self, dataset: str) -> DatasetSizes | None:
        """Return the images of a dataset; None where its files are missing or damaged."""
        found = self._look_for(dataset)
        return found if isinstance(found, DatasetSizes) else None

    def dataset_note(self, dataset: str) -> str:
        """Return how large a dataset is, or that it will be fetched first."""
        found = self._look_for(dataset)
        if isinstance(found, DatasetSizes):
            return f"{found.num_train:,} training images"
        if dataset not in DATASETS:
            return "made of its pictures first"
        if DATASETS[dataset].torchvision_class:
            return "not here yet, is downloaded first"
        return "made first, needs no network"

    def _look_for(self, dataset: str) -> DatasetSizes | str | None:
        """Return the sizes, None where the files are missing, or what is wrong with them."""
        if dataset not in self._found:
            try:
                self._found[dataset] = inspect(self._data_dir, dataset)
            except DatasetMissingError:
                return None
            except DatasetDamagedError as error:
                self._found[dataset] = str(error)
        return self._found[dataset]
