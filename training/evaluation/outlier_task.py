"""Task that tests a session's model on out-of-distribution images and stores the answers.

It reads nothing of the session but the checkpoint's file, so the session may be in any state.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from mnist_tui.storage.datasets.dataset_catalog import DATASETS, IMAGE_SIDE
from mnist_tui.storage.datasets.dataset_folder import dataset_info
from mnist_tui.storage.datasets.idx_files import load_split
from mnist_tui.storage.datasets.pixels import read_pixels
from mnist_tui.storage.records import utc_now
from mnist_tui.storage.results.outlier_tests import (
    LOG_ODDS,
    LOGITS,
    OutlierAnswers,
    OutlierTest,
    write_outlier_test,
)
from mnist_tui.training.analysis.outlier_source import picture_paths, source_key, source_text
from mnist_tui.training.data.image_files import BRIGHT, fitted, margin_of, read_grey
from mnist_tui.training.evaluation.evaluate_task import restore_training
from mnist_tui.training.evaluation.outlier_scores import (
    compute_areas,
    predict_all_logits,
    predict_with_dropout,
)
from mnist_tui.training.models.capsnet import CapsNet
from mnist_tui.training.parameters.image_sources import SIGNS, OutlierSource
from mnist_tui.training.protocol.requests import CheckpointTaskResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mnist_tui.storage.records import CheckpointInfo
    from mnist_tui.training.engine.training_state import TrainingState

SIGN_CHARACTERS = "AEFHKMRWXY&?#@+%"
"""Characters that do not resemble digits, as B, I, O, S and Z do."""
FONT_SIZE = 24
"""In pixels; it makes capitals as high as MNIST's digits, 20 pixels at most."""


def run_task(arguments: dict[str, Any], on_progress: Callable[[str], None]) -> dict[str, Any]:
    """Test the model; return a `CheckpointTaskResult` of the `OutlierTest`, as plain types.

    Args:
        arguments: Those of `training.evaluation.evaluate_task.run_task`, and source.
        on_progress: Takes a text for the user.

    Raises:
        StorageError: There is no valid checkpoint, no data, or no room for the answers.
        ValueError: A picture cannot be read, the checkpoint is of another network, or the device
            has no memory left.
    """
    source = msgspec.convert(arguments["source"], OutlierSource)
    names, images = load_images(source)
    try:
        run, info = restore_training(arguments)
        test, answers = run_outlier_test(run, info, images, on_progress)
    except torch.OutOfMemoryError as error:
        raise ValueError(
            "The device has no memory left for an outlier test; try again when less runs on it."
        ) from error
    test = msgspec.structs.replace(
        test, names=names, source=source_text(source, len(names)), source_key=source_key(source)
    )
    stored = write_outlier_test(Path(arguments["folder"]), test, answers)
    figures = {"outlier_auroc": stored.auroc_energy} if source == SIGNS else {}
    result = CheckpointTaskResult(payload=stored, figures=figures)
    return msgspec.to_builtins(result)  # type: ignore[no-any-return]


def load_images(source: OutlierSource) -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """Return the names and upright images, (N, 28, 28) uint8, of a source.

    Raises:
        StorageError: The dataset is missing or damaged.
        PictureError: The folder or a picture cannot be used.
    """
    match source.kind:
        case "folder":
            return read_pictures(Path(source.path))
        case "dataset":
            return _test_images(Path(source.path), source.dataset, source.count)
        case _:
            return draw_signs()


def run_outlier_test(
    run: TrainingState,
    info: CheckpointInfo,
    images: NDArray[np.uint8],
    on_progress: Callable[[str], None],
) -> tuple[OutlierTest, OutlierAnswers]:
    """Return the answers of `run` to (N, 28, 28) uint8 images, which have no names yet."""
    inliers = run.data.test
    normalization = run.parameters.normalization
    published = DATASETS.get(run.parameters.dataset)
    is_transposed = published is not None and published.is_transposed
    shown = images.swapaxes(1, 2) if is_transposed else images
    outliers = torch.from_numpy(np.array(shown)).to(run.device)
    logits = predict_all_logits(run.model, outliers, normalization)
    probabilities = logits.softmax(dim=1).numpy()
    passes = predict_with_dropout(run.model, outliers, normalization, run.parameters.seed)
    inlier_logits = predict_all_logits(
        run.model,
        inliers.images,
        normalization,
        lambda done: on_progress(
            f"{done:,} of {len(inliers):,} test images scored beside the outliers"
        ),
    )
    areas = compute_areas(inlier_logits, logits)
    test = OutlierTest(
        step=run.position.step,
        epoch=run.epoch,
        generation=info.generation,
        source="",
        source_key="",
        dataset=run.parameters.dataset,
        names=(),
        num_passes=len(passes),
        scores=LOG_ODDS if isinstance(run.model, CapsNet) else LOGITS,
        num_known=len(inliers),
        auroc_softmax=areas.softmax,
        auroc_energy=areas.energy,
        created_at=utc_now(),
    )
    kept = np.stack(passes) if passes else np.empty((0, *probabilities.shape), np.float32)
    return test, OutlierAnswers(probabilities, kept, images)


def _test_images(
    data_dir: Path, dataset: str, count: int
) -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """Return the first images of a test file, named by class and number."""
    num_train = len(load_split(data_dir, dataset, "train")[1])
    classes = load_split(data_dir, dataset, "test")[1][:count]
    numbers = num_train + np.arange(len(classes))
    meanings = dataset_info(data_dir, dataset).classes
    names = (
        f"{meanings[label]} (image {number})"
        for label, number in zip(classes, numbers, strict=True)
    )
    return tuple(names), read_pixels(data_dir, dataset, numbers)


def draw_signs() -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """Return the names and pictures, (N, 28, 28) uint8, of `SIGN_CHARACTERS`, white on black."""
    font = ImageFont.load_default(FONT_SIZE)
    return tuple(SIGN_CHARACTERS), np.stack([_draw(sign, font) for sign in SIGN_CHARACTERS])


def read_pictures(folder: Path) -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """Return the names and pictures, (N, 28, 28) uint8, of a folder, in the order of names.

    Each is scaled to fit with its aspect ratio kept, centred, made grey, and inverted if its
    margin is bright.

    Raises:
        PictureError: There are none, too many, or one that cannot be read.
    """
    paths = picture_paths(folder)
    # JSON requires valid UTF-8.
    names = tuple(os.fsencode(path.name).decode("utf-8", "replace") for path in paths)
    pictures = map(read_grey, paths)
    return names, np.stack(
        [fitted(picture, is_inverted=margin_of(picture) > BRIGHT) for picture in pictures]
    )


def _draw(sign: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> NDArray[np.uint8]:
    picture = Image.new("L", (IMAGE_SIDE, IMAGE_SIDE))
    middle = IMAGE_SIDE / 2
    left, top, right, bottom = font.getbbox(sign)
    place = (middle - (left + right) / 2, middle - (top + bottom) / 2)
    ImageDraw.Draw(picture).text(place, sign, fill=255, font=font)
    return np.asarray(picture)
