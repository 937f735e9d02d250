"""Getting pretrained weights, from a real web server that does what servers do."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

import pytest
import torch
from torchvision.models import DenseNet121_Weights, ResNet50_Weights

from mnist_tui.storage.errors import StorageError
from mnist_tui.training.data.weights_download import download_weights
from mnist_tui.training.parameters.pretrained import (
    PRETRAINED,
    WeightsMissingError,
    checked_path,
    weights_folder,
)
from tests.training.mirror import Mirror
from tests.training.pretrained import weights_named_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mnist_tui.training.parameters.pretrained import PretrainedWeights

CONTENT = b"what the weights of a network could be" * 100_000


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch) -> PretrainedWeights:
    """A small file takes the place of the published one."""
    monkeypatch.setitem(PRETRAINED, "densenet121", weights_named_by(CONTENT))
    return PRETRAINED["densenet121"]


@pytest.fixture
def mirror(weights: PretrainedWeights) -> Iterator[Mirror]:
    mirror = Mirror({weights.file_name: CONTENT})
    yield mirror
    mirror.close()


def told(folder: Path, mirror: str, **given: float) -> list[str]:
    words: list[str] = []
    download_weights("densenet121", folder, words.append, mirror=mirror, **given)
    return words


def refusal(folder: Path, mirror: str, **given: float) -> str:
    with pytest.raises(WeightsMissingError) as error:
        told(folder, mirror, **given)
    assert not [path for path in folder.iterdir() if path.suffix != ".lock"], "left behind"
    return str(error.value)


@pytest.mark.parametrize(
    ("model", "theirs"),
    [
        ("resnet50", ResNet50_Weights.IMAGENET1K_V1),
        ("densenet121", DenseNet121_Weights.IMAGENET1K_V1),
    ],
)
def test_they_are_those_of_torchvision(model: str, theirs: ResNet50_Weights) -> None:
    assert PRETRAINED[model].url == theirs.url
    assert len(PRETRAINED[model].hash_prefix) == 8


@pytest.mark.parametrize(
    "variables",
    [{"TORCH_HOME": "/a/b"}, {"XDG_CACHE_HOME": "/c"}, {"TORCH_HOME": "~/x"}, {}],
)
def test_the_folder_is_the_one_that_torch_uses(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TORCH_HOME", "XDG_CACHE_HOME", "TORCH_HUB"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert str(weights_folder(variables)) == f"{torch.hub.get_dir()}/checkpoints"


def test_a_file_is_downloaded_once_and_told_as_it_comes(
    tmp_path: Path, mirror: Mirror, weights: PretrainedWeights
) -> None:
    folder = tmp_path / "hub" / "checkpoints"
    assert told(folder, mirror.url + "/")[-1] == (
        "Downloading the weights of densenet121: 4 of 4 MiB"
    )
    assert checked_path(folder, weights).read_bytes() == CONTENT
    assert told(folder, mirror.url) == []
    assert mirror.num_requests == 1


def test_two_at_once_download_it_once(tmp_path: Path, mirror: Mirror) -> None:
    mirror.may_answer.clear()
    words: list[str] = []
    is_waiting = threading.Event()

    def hear(text: str) -> None:
        words.append(text)
        is_waiting.set()

    def wait() -> None:
        download_weights("densenet121", tmp_path, hear, mirror=mirror.url)

    first = threading.Thread(target=told, args=(tmp_path, mirror.url))
    first.start()
    assert mirror.is_asked.wait(10)
    second = threading.Thread(target=wait)
    second.start()
    assert is_waiting.wait(10)
    mirror.may_answer.set()
    first.join(10)
    second.join(10)
    assert words == ["Another process is getting the weights of densenet121; waiting for it"]
    assert mirror.num_requests == 1


def test_a_missing_file_is_told_with_what_to_do(
    tmp_path: Path, mirror: Mirror, weights: PretrainedWeights
) -> None:
    mirror.contents.clear()
    assert refusal(tmp_path, mirror.url) == (
        "The weights of densenet121 are not on this machine and the download failed"
        f" ({mirror.url}/{weights.file_name}: the server answers 404 Not Found). Put"
        f" {weights.file_name} in {tmp_path}, name a folder on the web that has it with --mirror,"
        " or train everything with pretrained=false."
    )


def test_half_a_file_is_no_file(tmp_path: Path, mirror: Mirror) -> None:
    mirror.num_missing = 1_000
    assert "the file ended early" in refusal(tmp_path, mirror.url)


def test_another_file_under_the_name_is_refused(
    tmp_path: Path, mirror: Mirror, weights: PretrainedWeights
) -> None:
    mirror.contents[weights.file_name] = CONTENT + b"!"
    assert "what came is not the published file" in refusal(tmp_path, mirror.url)


def test_a_server_that_says_nothing_is_given_up(tmp_path: Path, mirror: Mirror) -> None:
    mirror.may_answer.clear()
    assert "sent nothing for 0.2 s" in refusal(tmp_path, mirror.url, idle_timeout_s=0.2)


@pytest.mark.parametrize(
    ("url", "words"),
    [("http://127.0.0.1:9", "Connection refused"), ("nonsense", "unknown url type")],
)
@pytest.mark.usefixtures("weights")
def test_no_server_is_told(tmp_path: Path, url: str, words: str) -> None:
    assert words in refusal(tmp_path, url)


def test_a_damaged_file_is_left_and_named(
    tmp_path: Path, mirror: Mirror, weights: PretrainedWeights
) -> None:
    path = tmp_path / weights.file_name
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(StorageError, match=f"{path} are damaged or not the published ones"):
        told(tmp_path, mirror.url)
    assert path.read_bytes() == CONTENT[:-1]
    assert mirror.num_requests == 0


def test_a_file_is_looked_at_again_when_it_has_changed(
    tmp_path: Path, weights: PretrainedWeights
) -> None:
    path = tmp_path / weights.file_name
    path.write_bytes(CONTENT)
    assert checked_path(tmp_path, weights) == path
    assert hashlib.sha256(CONTENT).hexdigest().startswith(weights.hash_prefix)
    path.write_bytes(b"something else")
    with pytest.raises(StorageError, match="damaged"):
        checked_path(tmp_path, weights)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, mirror: Mirror) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(StorageError, match=f"{blocked} cannot be written .*TORCH_HOME"):
        told(blocked, mirror.url)
