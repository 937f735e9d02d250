"""Out-of-distribution images: drawn, or from a user's folder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from mnist_tui.training.analysis.outlier_source import source_key
from mnist_tui.training.evaluation.outlier_task import SIGN_CHARACTERS, draw_signs, read_pictures
from mnist_tui.training.parameters.image_sources import SIGNS, OutlierSource, PictureError

if TYPE_CHECKING:
    from pathlib import Path


def test_signs_are_drawn_as_digits_are_white_on_black_and_centred() -> None:
    names, images = draw_signs()
    assert len(names) == len(SIGN_CHARACTERS) >= 10
    assert images.shape == (len(SIGN_CHARACTERS), 28, 28)
    assert images.dtype == np.uint8
    for name, image in zip(names, images, strict=True):
        rows, columns = np.nonzero(image > 60)
        assert 10 <= np.ptp(rows) + 1 <= 24, name
        for places in (rows, columns):
            assert abs((places.min() + places.max()) / 2 - 13.5) <= 1.5, name
        assert image[0].max() == 0, name
    assert len({image.tobytes() for image in images}) == len(SIGN_CHARACTERS)


def test_a_folder_gives_its_pictures_in_the_order_of_their_names(tmp_path: Path) -> None:
    black_on_white = Image.new("RGB", (90, 30), "white")
    black_on_white.paste("black", (40, 5, 50, 25))
    black_on_white.save(tmp_path / "b.jpg")
    white_on_black = Image.new("L", (28, 28))
    white_on_black.putpixel((3, 7), 255)
    white_on_black.save(tmp_path / "a.PNG")
    clear = Image.new("RGBA", (14, 14))
    clear.paste((0, 0, 0, 255), (4, 4, 10, 10))
    clear.save(tmp_path / "c.png")
    (tmp_path / "notes.txt").write_text("no picture")

    names, images = read_pictures(tmp_path)

    assert names == ("a.PNG", "b.jpg", "c.png")
    assert np.array_equal(images[0], np.asarray(white_on_black))
    assert images[1][0].max() <= 5  # padded with what the paper has become
    assert images[1][14, 14] > 200
    assert (images[2][14, 14], images[2][1, 1]) == (255, 0)


def test_grey_of_16_bits_long_strips_and_files_that_only_look_like_pictures(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65_535, 28 * 28).reshape(28, 28).astype(np.uint16)
    ramp[0] = ramp[-1] = ramp[:, 0] = ramp[:, -1] = 0
    Image.fromarray(ramp).save(tmp_path / "deep.png")
    Image.new("L", (3_000, 1), "white").save(tmp_path / "strip.png")
    (tmp_path / "folder.png").mkdir()
    names, images = read_pictures(tmp_path)
    assert names == ("deep.png", "strip.png")
    assert np.array_equal(images[0], ramp // 257)
    assert images[1].max() == 0
    Image.new("L", (9, 9)).save(tmp_path / "other.jpg", format="GIF")
    with pytest.raises(PictureError, match=r"other\.jpg cannot be read"):
        read_pictures(tmp_path)


def test_a_key_is_that_of_the_content_and_can_be_a_part_of_a_name(tmp_path: Path) -> None:
    folder = OutlierSource(kind="folder", path=str(tmp_path))
    Image.new("L", (9, 9)).save(tmp_path / "a.png")
    before = source_key(folder)
    assert source_key(folder) == before
    Image.new("L", (9, 9), 3).save(tmp_path / "a.png")
    keys = {
        before,
        source_key(folder),
        source_key(SIGNS),
        source_key(OutlierSource(kind="dataset", dataset="emnist-letters", count=5)),
        source_key(OutlierSource(kind="dataset", dataset="emnist-letters", count=6)),
    }
    assert len(keys) == 5
    assert all(re.fullmatch("[a-z0-9-]+", key) for key in keys)


def test_what_cannot_be_used_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="cannot be read"):
        read_pictures(tmp_path / "nowhere")
    with pytest.raises(PictureError, match="no PNG or JPEG file in"):
        read_pictures(tmp_path)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    with pytest.raises(PictureError, match=r"broken\.png cannot be read"):
        read_pictures(tmp_path)


def test_a_picture_that_declares_too_many_pixels_is_refused(tmp_path: Path) -> None:
    Image.new("1", (9_000, 9_000)).save(tmp_path / "vast.png")
    with pytest.raises(PictureError, match="81,000,000 pixels"):
        read_pictures(tmp_path)
