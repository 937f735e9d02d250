"""Library of studies: the shipped ones, the user's own by name, and any file by its path."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.training.parameters.settings import settings_path
from mnist_tui.training.studies.study_definition import StudyError
from mnist_tui.training.studies.study_parser import parse_study

if TYPE_CHECKING:
    from mnist_tui.training.studies.study_definition import Study

_SUFFIX = ".toml"
_MAX_BYTES = 1_000_000
_SHIPPED = (
    "performance-tuning",
    "two-models",
    "hidden-channels",
    "assessing-four-networks",
    "kernels",
)
"""In the order of listing."""


def own_folder() -> Path:
    """Return the folder of the user's studies."""
    return settings_path().parent / "studies"


def study_names() -> list[str]:
    """Return the names of all studies: the shipped ones first, then the user's own."""
    try:
        own_names = sorted(path.stem for path in own_folder().glob(f"*{_SUFFIX}"))
    except OSError:
        own_names = []
    return list(dict.fromkeys([*_SHIPPED, *own_names]))


def find_study(word: str) -> Study:
    """Return the study called `word`, or the one in the file at that path.

    A file of the user takes precedence over a shipped study of the same name.

    Raises:
        StudyError: It does not exist or cannot be used.
    """
    if word.endswith(_SUFFIX) or "/" in word:
        return _read(Path(word).expanduser())
    own = own_folder() / f"{word}{_SUFFIX}"
    if own.exists():
        return _read(own)
    if word in _SHIPPED:
        file = resources.files("mnist_tui.training.studies") / "definitions" / f"{word}{_SUFFIX}"
        return parse_study(file.read_text(encoding="utf-8"), word)
    raise StudyError(
        [
            f"There is no study {word!r}; known are {', '.join(study_names())}."
            f" Give the path of a {_SUFFIX} file, or put yours into {own_folder()}."
        ]
    )


def _read(path: Path) -> Study:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise StudyError([f"{path} is too large for a study; give its {_SUFFIX} file."])
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise StudyError([f"{path} cannot be read ({reason}); give its {_SUFFIX} file."]) from error
    except UnicodeDecodeError:
        raise StudyError([f"{path} is not UTF-8 text; give a {_SUFFIX} file."]) from None
    return parse_study(text, str(path))
