"""A folder of pictures as a dataset: what it becomes, that it stays, and what is refused."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from mnist_tui.storage.atomic import TEMP_PREFIX
from mnist_tui.storage.datasets.dataset_folder import (
    checksum,
    class_names,
    dataset_info,
    inspect,
    raw_folder,
    verify,
)
from mnist_tui.storage.datasets.idx_files import load_split
from mnist_tui.storage.datasets.user_datasets import DESCRIPTION, is_own_name, own_folder, own_names
from mnist_tui.storage.errors import DatasetDamagedError, DatasetMissingError, StorageError
from mnist_tui.training.data import folder_import
from mnist_tui.training.data.folder_import import import_folder
from mnist_tui.training.parameters.image_sources import PictureError
from tests.picture_folders import SHAPES, draw_shapes
from tests.storage.samples import full_disk

if TYPE_CHECKING:
    from pathlib import Path


def quiet(_text: str) -> None:
    return


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    return draw_shapes(tmp_path / "My shapes", 20)


def test_a_folder_for_each_class_becomes_a_dataset_with_a_fifth_for_testing(
    shapes: Path, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    name = import_folder(shapes, data_dir, quiet)

    assert name.startswith("my-shapes-")
    assert is_own_name(name)
    assert own_names(data_dir) == [name]
    info = dataset_info(data_dir, name)
    assert info.classes == SHAPES
    assert info.source == f"Pictures of {shapes}"
    sizes = inspect(data_dir, name)
    assert (sizes.train, sizes.test) == ((16, 16, 16), (4, 4, 4))
    images, classes = load_split(data_dir, name, "train")
    assert images.shape == (48, 28, 28)
    assert np.median(images[:, 0]) == 0, "dark on white became white on black"
    assert images[:, 6:20, 6:20].max(axis=(1, 2)).min() > 150
    first = classes[:24].tolist()
    assert len(set(first)) == 3, "the classes are mixed, for the last ones validate"
    verify(data_dir, name)


def test_each_picture_is_found_once_under_its_class(shapes: Path, tmp_path: Path) -> None:
    for place, path in enumerate(sorted(shapes.rglob("*.???"))):
        path.unlink()
        value = 20 + 3 * place
        picture = Image.new("L", (28, 28))
        picture.putpixel((14, 14), value)
        picture.save(path.with_suffix(".png"))
    name = import_folder(shapes, tmp_path / "data", quiet)
    found = {}
    for split in ("train", "test"):
        images, classes = load_split(tmp_path / "data", name, split)
        for image, label in zip(images, classes, strict=True):
            found[int(image[14, 14])] = int(label)
    assert found == {20 + 3 * place: place // 20 for place in range(60)}


def test_train_and_test_folders_are_kept_apart(tmp_path: Path) -> None:
    folder = tmp_path / "both"
    draw_shapes(folder / "train", 5)
    draw_shapes(folder / "Test", 2, seed=1, kinds=("circle", "square"))
    name = import_folder(folder, tmp_path / "data", quiet)
    sizes = inspect(tmp_path / "data", name)
    assert (sizes.train, sizes.test) == ((5, 5, 5), (2, 0, 2))


def test_the_same_pictures_are_the_same_dataset_and_others_another(
    shapes: Path, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    name = import_folder(shapes, data_dir, quiet)
    files = sorted(raw_folder(data_dir, name).iterdir())
    before = [(path.stat().st_ino, path.stat().st_mtime_ns) for path in files]
    assert import_folder(shapes, data_dir, quiet) == name
    assert [(path.stat().st_ino, path.stat().st_mtime_ns) for path in files] == before

    (shapes / "circle" / "000.jpg").unlink()
    other = import_folder(shapes, data_dir, quiet)
    assert other != name
    inspect(data_dir, name)  # sessions that learnt from it still can
    (shapes / "circle").rename(shapes / "ball")
    assert import_folder(shapes, data_dir, quiet) not in (name, other)
    assert len(own_names(data_dir)) == 3


def test_changed_files_are_no_more_the_dataset(shapes: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    name = import_folder(shapes, data_dir, quiet)
    path = raw_folder(data_dir, name) / "train-images-idx3-ubyte"
    content = bytearray(path.read_bytes())
    content[400] ^= 1
    path.write_bytes(content)
    with pytest.raises(DatasetDamagedError, match="not what its name says"):
        verify(data_dir, name)
    before = checksum(data_dir, name)
    with pytest.raises(DatasetDamagedError, match="not what its name says"):
        import_folder(shapes, data_dir, quiet)
    assert checksum(data_dir, name) == before


def test_a_dataset_without_its_description_is_made_anew(shapes: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    name = import_folder(shapes, data_dir, quiet)
    description = own_folder(data_dir, name) / DESCRIPTION
    description.unlink()
    assert own_names(data_dir) == []
    with pytest.raises(DatasetMissingError, match="make it again from its folder"):
        dataset_info(data_dir, name)
    assert class_names(data_dir, name, 3) == ("0", "1", "2")
    assert import_folder(shapes, data_dir, quiet) == name

    for content in (b"{", b"[]", b'{"source": 1, "classes": []}', b"\xff"):
        description.write_bytes(content)
        with pytest.raises(DatasetDamagedError, match=r"dataset\.json is damaged"):
            dataset_info(data_dir, name)
    description.write_text('{"format": 2, "source": "x", "classes": ["a", "b"]}')
    with pytest.raises(DatasetDamagedError, match="newer version"):
        dataset_info(data_dir, name)


@pytest.mark.parametrize("name", ["mine", "../x-00000000", "x-0000000g", "-00000000", "X-00000000"])
def test_names_that_are_no_dataset_lead_nowhere(name: str, tmp_path: Path) -> None:
    assert not is_own_name(name)
    with pytest.raises(DatasetMissingError, match="does not know the dataset"):
        dataset_info(tmp_path, name)


def test_what_cannot_be_used_is_refused_with_what_to_do(tmp_path: Path) -> None:
    def refusal(folder: Path) -> str:
        with pytest.raises(PictureError) as caught:
            import_folder(folder, tmp_path / "data", quiet)
        return str(caught.value)

    assert "cannot be read (No such file or directory)" in refusal(tmp_path / "nowhere")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "has no folder in it; give it a folder of PNG or JPEG files" in refusal(empty)
    draw_shapes(empty, 3, kinds=("circle",))
    assert "has one folder in it" in refusal(empty)
    (empty / "square").mkdir()
    assert f"There is no PNG or JPEG file in {empty / 'square'}" in refusal(empty)
    draw_shapes(empty, 2)
    shutil.rmtree(empty / "circle")
    assert "three pictures or more" in refusal(empty)
    draw_shapes(empty, 8)
    (empty / "square" / "broken.png").write_bytes(b"\x89PNG\r\n")
    assert "broken.png cannot be read" in refusal(empty)
    (empty / "square" / "broken.png").unlink()
    (empty / ".hidden").mkdir()
    import_folder(empty, tmp_path / "data", quiet)

    both = tmp_path / "both"
    draw_shapes(both / "train", 3, kinds=("circle", "cross"))
    draw_shapes(both / "test", 3, kinds=("circle", "square"))
    assert "has a class 'square' that" in refusal(both)
    assert not list((tmp_path / "data").glob(".*Own-*")), "nothing half made is left"


def test_without_room_nothing_is_there_and_the_next_try_makes_it(
    shapes: Path, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    left = data_dir / f"{TEMP_PREFIX}Own-killed"
    left.mkdir(parents=True)
    with full_disk(4_000), pytest.raises(StorageError, match=r"cannot be .*make room"):
        import_folder(shapes, data_dir, quiet)
    assert own_names(data_dir) == []
    name = import_folder(shapes, data_dir, quiet)
    assert own_names(data_dir) == [name]
    assert not left.exists(), "what a killed process left is removed"
    assert [path.name for path in data_dir.iterdir() if TEMP_PREFIX in path.name] == []


def test_more_than_there_may_be_is_refused(
    shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_import, "MAX_IMAGES", 59)
    with pytest.raises(PictureError, match="There are 60 pictures, more than 59; use fewer"):
        import_folder(shapes, tmp_path / "data", quiet)
    for number in range(257 - len(SHAPES)):
        (shapes / f"{number}").mkdir()
    with pytest.raises(PictureError, match="has 257 folders; at most 256 classes"):
        import_folder(shapes, tmp_path / "data", quiet)


def test_a_class_of_any_name_is_text(tmp_path: Path) -> None:
    folder = draw_shapes(tmp_path / "odd", 5)
    os.rename(os.fsencode(folder / "circle"), os.fsencode(folder) + b"/\xff[bad]\x1b[31m")  # noqa: PTH104 — bytes
    name = import_folder(folder, tmp_path / "data", quiet)
    assert "\ufffd[bad]\x1b[31m" in dataset_info(tmp_path / "data", name).classes


def test_a_folder_that_cannot_be_written_is_told(shapes: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"cannot be written \(Not a directory\)"):
        import_folder(shapes, tmp_path / "file" / "data", quiet)


def test_a_folder_is_no_dataset_before_a_session_has_made_it_one(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match="become a dataset when the first session starts"):
        dataset_info(tmp_path, "/home/me/shapes")
