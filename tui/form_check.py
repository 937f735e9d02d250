"""What is wrong with a form: the same checks as the supervisor's, before anything is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.datasets import DATASETS, inspect
from storage.errors import DatasetDamagedError, DatasetMissingError
from training.labels import check_label
from training.parameters import ParameterError, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from training.parameters import Hyperparameters


class FormCheck:
    """Checks fields against each other and against the data on this machine."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._found: dict[str, int | str] = {}

    def check(
        self, parameters: Mapping[str, str], name: str
    ) -> tuple[Hyperparameters | None, dict[str, str]]:
        """Return the parameters in full, None where they cannot be; and what is wrong by field."""
        resolved = None
        wrong: dict[str, str] = {}
        dataset = parameters["dataset"]
        found = self._training_images(dataset)
        if isinstance(found, str):
            wrong["dataset"] = found
        try:
            num_train = {} if isinstance(found, str) else {dataset: found}
            resolved = resolve(parameters, num_train=num_train, default_threads=1)
        except ParameterError as error:
            wrong |= {problem.field: problem.message for problem in error.problems}
        try:
            if name:
                check_label(name)
        except ValueError as error:
            wrong["name"] = str(error)
        return resolved, wrong

    def dataset_note(self, dataset: str) -> str:
        """Return how large a dataset is, or that it will be fetched first."""
        found = self._training_images(dataset)
        if isinstance(found, int) and found:
            return f"{found:,} training images"
        if DATASETS[dataset].torchvision_class:
            return "not here yet, is downloaded first"
        return "made first, needs no network"

    def _training_images(self, dataset: str) -> int | str:
        """Return the training images, 0 where the files are missing, or what is wrong with them."""
        if dataset not in self._found:
            try:
                self._found[dataset] = inspect(self._data_dir, dataset).num_train
            except DatasetMissingError:
                return 0
            except DatasetDamagedError as error:
                self._found[dataset] = str(error)
        return self._found[dataset]
