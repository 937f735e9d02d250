"""Networks of torchvision: what is frozen stays as it is, what is not is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn
from torch.nn import functional
from torchvision.models import densenet121

from mnist_tui.training.engine import state_dict as snapshot
from mnist_tui.training.engine.initialization import initialize
from mnist_tui.training.engine.training_state import TrainingState
from mnist_tui.training.models import build_model
from mnist_tui.training.models.backbones import Backbone, load_pretrained
from mnist_tui.training.parameters.pretrained import PRETRAINED, WeightsMissingError, weights_folder
from mnist_tui.training.parameters.resolution import resolve
from tests.sizes import even_sizes
from tests.training.pretrained import published, random_weights, weights_named_by
from tests.training.worlds import CPU, digest, small_data

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from mnist_tui.training.parameters.hyperparameters import Hyperparameters


def parameters_of(**given: Any) -> Hyperparameters:
    sizes = even_sizes({"digits": 1_500})
    given = {"model": "densenet121", "dense_units": 16, "batch_size": 4, **given}
    return resolve(given, sizes=sizes, default_threads=1)


def build(**given: Any) -> Backbone:
    model = build_model(parameters_of(**given))
    assert isinstance(model, Backbone)
    return model


@pytest.fixture(scope="module")
def published_state() -> dict[str, Tensor]:
    """What the file with the weights holds."""
    return random_weights()


@pytest.fixture
def torch_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, published_state: dict[str, Tensor]
) -> Path:
    """A folder of torch that has the file."""
    content = published(published_state)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setitem(PRETRAINED, "densenet121", weights_named_by(content))
    folder = weights_folder({"TORCH_HOME": str(tmp_path)})
    folder.mkdir(parents=True)
    (folder / PRETRAINED["densenet121"].file_name).write_bytes(content)
    return tmp_path


@pytest.mark.usefixtures("torch_home")
def test_the_backbone_gets_the_published_weights_and_the_head_is_drawn(
    published_state: dict[str, Tensor],
) -> None:
    model = build()
    load_pretrained(model)
    initialize(model, "keras", 1)
    for name, tensor in model.backbone.state_dict().items():
        assert torch.equal(tensor, published_state[name]), name
    head = model.dense1.weight.detach()
    assert head.abs().max() <= (6 / (1024 + 16)) ** 0.5
    assert not model.dense1.bias.any()
    again = build()
    initialize(again, "keras", 1)
    assert torch.equal(again.dense1.weight, head)


@pytest.mark.usefixtures("torch_home")
def test_images_are_scored_as_torchvision_scores_them_enlarged_and_in_three_channels(
    published_state: dict[str, Tensor],
) -> None:
    model = build()
    load_pretrained(model)
    theirs = densenet121().eval()
    theirs.load_state_dict(published_state)
    theirs.classifier = nn.Identity()
    images = torch.rand(2, 1, 28, 28)
    large = functional.interpolate(images, size=(32, 32), mode="bilinear", align_corners=False)
    seen: list[Tensor] = []
    hook = model.backbone.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    with hook, torch.inference_mode():
        model(images)
        assert torch.equal(seen[0], torch.cat([large] * 3, dim=1))
        features = theirs(seen[0])
        expected = model.dense2(functional.relu(model.dense1(features)))
        assert torch.allclose(model(images), expected, atol=1e-5)


def test_a_frozen_backbone_infers_even_while_the_head_is_trained() -> None:
    model = build()
    assert model.training
    assert not any(part.training for part in model.backbone.modules())
    assert model.dense1.training
    assert not model.eval().dense1.training
    free = build(pretrained="false")
    assert all(part.training for part in free.backbone.modules())
    assert not any(part.training for part in free.eval().backbone.modules())


def trained(run: TrainingState, num_steps: int) -> None:
    for _ in range(num_steps):
        run.train_step()


def test_training_changes_the_head_alone_and_resumes_exactly() -> None:
    data = small_data()
    whole = TrainingState(parameters_of(), data, CPU)
    whole.restore_rng()
    trained(whole, 1)
    before = {name: tensor.clone() for name, tensor in whole.model.state_dict().items()}
    saved = snapshot.capture(whole)
    trained(whole, 2)
    after = whole.model.state_dict()
    changed = {name for name in after if not torch.equal(after[name], before[name])}
    assert changed == {"dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias"}

    torch.manual_seed(99)  # another process has other weights in the backbone at first
    resumed = TrainingState(parameters_of(), data, CPU)
    snapshot.restore(resumed, saved)
    resumed.restore_rng()
    trained(resumed, 2)
    assert digest(resumed) == digest(whole)
    for name, tensor in resumed.model.state_dict().items():
        assert torch.equal(tensor, after[name]), name


def test_without_pretrained_weights_everything_is_trained_with_its_statistics() -> None:
    run = TrainingState(parameters_of(pretrained="false"), small_data(), CPU)
    run.restore_rng()
    before = {name: tensor.clone() for name, tensor in run.model.state_dict().items()}
    trained(run, 1)
    after = run.model.state_dict()
    assert all(not torch.equal(after[name], before[name]) for name in after)


def test_all_weights_are_counted_and_those_of_the_head_have_moments() -> None:
    run = TrainingState(parameters_of(), small_data(), CPU)
    assert run.num_parameters == 6_953_856 + 1024 * 16 + 16 + 170
    assert sum(len(group["params"]) for group in run.optimizer.param_groups) == 4


def test_weights_that_are_gone_are_told_with_where_they_belong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(WeightsMissingError) as error:
        load_pretrained(build())
    assert str(tmp_path / "hub" / "checkpoints") in str(error.value)
    assert "pretrained=false" in str(error.value)
