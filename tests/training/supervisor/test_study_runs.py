"""Two clients that run the same study at the same time get two runs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.home import Home
from mnist_tui.training.protocol.requests import KeepStudy
from mnist_tui.training.supervisor.study_runs import StudyRuns
from tests.training.study_samples import outcome

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def runs() -> Iterator[StudyRuns]:
    with tempfile.TemporaryDirectory() as folder:
        yield StudyRuns(Home(Path(folder)))


def request(*, is_numbered: bool = True) -> KeepStudy:
    return KeepStudy(id=1, run="rates", is_numbered=is_numbered, definition={})


def test_a_name_is_taken_while_the_client_that_began_it_may_make_its_sessions(
    runs: StudyRuns,
) -> None:
    first, second = "first client", "second client"
    assert runs.begin(request(), first, {first, second}, []) == "rates"
    assert runs.begin(request(), second, {first, second}, []) == "rates-2"
    with pytest.raises(StorageError, match="already"):
        runs.begin(request(is_numbered=False), second, {first, second}, [])
    # The first one was killed before it made any.
    assert runs.begin(request(), second, {second}, []) == "rates"


def test_a_name_is_taken_while_sessions_have_it(runs: StudyRuns) -> None:
    records = [outcome("small").record]
    assert runs.begin(request(), "client", {"client"}, records) == "rates-2"
