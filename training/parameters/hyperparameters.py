"""Table of all hyperparameters: name, type, range, default, unit and meaning.

The form, the command line options, the registry and the reference are generated from this file. A
parameter that does not apply (dropout of a model without any) is None; `resolution` fills in
defaults and refuses impossible values.
"""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.storage.datasets.user_datasets import is_own_name
from mnist_tui.training.parameters.catalog import MODELS, OPTIMIZERS, is_own_model, model_info
from mnist_tui.training.parameters.field import CustomValue, Field
from mnist_tui.training.parameters.model_options import MOST_FILTERS

if TYPE_CHECKING:
    from collections.abc import Mapping


class Hyperparameters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of one session; frozen at submission."""

    dataset: Annotated[
        str,
        Meta(
            description="The images to learn; a folder of your own holds a folder of PNG or JPEG"
            " files for each class",
            extra={
                "advice": "Results are mostly published on mnist; digits is there for a first look"
            },
        ),
    ] = "digits"
    subset: Annotated[
        int | None,
        Meta(
            description="Images in all, the first of each class and of each as many;"
            " left open: every image",
            extra={
                "advice": "600 of each class, as 6000, train in seconds and show most differences",
                "unit": "images",
                "ge": 1,
            },
        ),
    ] = None
    fraction: Annotated[
        float | None,
        Meta(
            description="Share of the training images to learn from, of each class the same,"
            " chosen by the seed; left open: all",
            extra={
                "advice": "0.25,0.5,1.0 tells how much more images would help",
                "gt": 0.0,
                "le": 1.0,
            },
        ),
    ] = None
    split: Annotated[
        Literal["standard", "pooled"],
        Meta(
            description="The dataset's own training and test images (standard), or both joined and"
            " divided anew: 60 % training, 20 % validation, 20 % test (pooled)",
            extra={"advice": "pooled gives the 3,600, 1,200 and 1,200 images of a subset of 6,000"},
        ),
    ] = "standard"
    validation: Annotated[
        int | None,
        Meta(
            description="Training images set aside for validation, the last ones; 0 for none."
            " Left open: 5,000, or a tenth where that is less",
            extra={
                "advice": "0 leaves nothing to tell the best epoch by; with few, a per cent"
                " is luck",
                "unit": "images",
                "ge": 0,
            },
        ),
    ] = None
    seed: Annotated[
        int,
        Meta(
            description="Decides initial weights, order and augmentation of the images, dropout",
            extra={
                "advice": "Several, as 1,2,3, tell luck from progress",
                "ge": 0,
                "le": 2**31 - 1,
            },
        ),
    ] = 0
    model: Annotated[
        str,
        Meta(
            description="The network to train; a function of your own takes the number of classes"
            " and returns a torch.nn.Module from (N, 1, 28, 28) images to (N, classes) logits",
            extra={"advice": "bn-cnn and lenet are quick; capsnet and resnet50 want a GPU"},
        ),
    ] = "cnn"
    filters: Annotated[
        tuple[int, ...] | None,
        Meta(
            description="Filters of each convolution, as 32-64; of one number n most models make"
            " n, 2n and so on",
            extra={
                "advice": "More of them recognise more and take longer: 8-16 is quick, "
                "64-128 large",
                "ge": 1,
                "le": MOST_FILTERS,
                "max_length": 8,
            },
        ),
    ] = None
    kernel_size: Annotated[
        tuple[int, ...] | None,
        Meta(
            description="Side of the square convolution kernels; one number for all, or one each"
            " as 5-3",
            extra={
                "advice": "3 is usual; 5 sees more of the image at once and costs more",
                "unit": "pixels",
                "ge": 1,
                "le": 28,
                "max_length": 8,
            },
        ),
    ] = None
    hidden_channels: Annotated[
        int | None,
        Meta(
            description="Filters of the first convolution",
            extra={"advice": "2 to 32; few are enough for digits", "ge": 1, "le": MOST_FILTERS},
        ),
    ] = None
    dense_units: Annotated[
        int | None,
        Meta(
            description="Units of the hidden dense layer",
            extra={
                "advice": "Most weights of cnn are here: half of them, half the checkpoint",
                "ge": 1,
                "le": 16_384,
            },
        ),
    ] = None
    activation: Annotated[
        Literal["relu", "tanh"] | None,
        Meta(
            description="What follows each layer but the last",
            extra={
                "advice": "relu is usual today; tanh is of the time of LeNet, which learns "
                "faster with it"
            },
        ),
    ] = None
    dropout: Annotated[
        float | None,
        Meta(
            description="Share of activations dropped before the last layer while training",
            extra={
                "advice": "0 is off, 0.5 much; training accuracy then stays below that of "
                "validation",
                "ge": 0.0,
                "lt": 1.0,
            },
        ),
    ] = None
    conv_dropout: Annotated[
        float | None,
        Meta(
            description="Share of feature maps dropped after a convolution while training",
            extra={"advice": "0.1 to 0.3; whole feature maps go at once", "ge": 0.0, "lt": 1.0},
        ),
    ] = None
    pretrained: Annotated[
        bool | None,
        Meta(
            description="Begin with weights learnt on ImageNet and train the last layers alone"
            " (true), or train everything (false)",
            extra={
                "advice": "true is quick and learns little of digits; false trains millions"
                " of weights"
            },
        ),
    ] = None
    initialization: Annotated[
        Literal["keras", "torch", "own"],
        Meta(
            description="First weights: keras (Glorot uniform, zero biases), torch's defaults, or"
            " as a model of your own draws them, which is the default there",
            extra={"advice": "The first epochs differ most, with sgd above all"},
        ),
    ] = "keras"
    normalization: Annotated[
        Literal["unit", "standard"],
        Meta(
            description="Pixels as unit (0 to 1) or standard (mean 0.1307, deviation 0.3081)",
            extra={"advice": "standard often helps sgd; adam hardly minds"},
        ),
    ] = "unit"
    augmentation: Annotated[
        Literal["none", "shift"],
        Meta(
            description="Training images as they are (none), or moved by up to 2 pixels (shift)",
            extra={"advice": "shift helps on unseen images and wants more epochs"},
        ),
    ] = "none"
    optimizer: Annotated[
        str,
        Meta(
            description="The rule that updates the weights",
            extra={
                "advice": "adam asks for least care; sgd wants momentum and a larger learning rate"
            },
        ),
    ] = "adam"
    learning_rate: Annotated[
        float,
        Meta(
            description="Step size of the optimiser",
            extra={
                "advice": "Usual: 0.001 with adam, 0.01 to 0.1 with sgd; 0.1,0.01 tries both",
                "gt": 0.0,
                "le": 100.0,
            },
        ),
    ] = 0.001
    momentum: Annotated[
        float | None,
        Meta(
            description="Momentum of SGD and RMSprop",
            extra={"advice": "0.9 is usual with sgd; 0 is off", "ge": 0.0, "lt": 1.0},
        ),
    ] = None
    weight_decay: Annotated[
        float | None,
        Meta(
            description="L2 penalty on the weights; decoupled for AdamW (0.01 there by default)",
            extra={
                "advice": "0.0001 to 0.01, where training accuracy runs ahead of validation",
                "ge": 0.0,
                "le": 10.0,
            },
        ),
    ] = None
    schedule: Annotated[
        Literal["constant", "step", "cosine", "onecycle"],
        Meta(
            description="How the learning rate goes on: constant, a tenth of it after half, another"
            " tenth after three quarters (step), down along a cosine, or up and down (onecycle)",
            extra={
                "advice": "constant is easiest to compare; cosine and onecycle mostly end better"
            },
        ),
    ] = "constant"
    batch_size: Annotated[
        int,
        Meta(
            description="Images per optimiser step",
            extra={
                "advice": "Small: more steps per epoch; large: more images per second",
                "unit": "images",
                "ge": 1,
                "le": 65_536,
            },
        ),
    ] = 64
    epochs: Annotated[
        int,
        Meta(
            description="Passes over the training images",
            extra={
                "advice": "5 are enough to compare, 20 to get most out of it",
                "ge": 1,
                "le": 100_000,
            },
        ),
    ] = 5
    device: Annotated[
        str,
        Meta(
            description="auto, cpu, cuda, cuda:N or mps; auto takes CUDA, then MPS, then the CPU",
            extra={"advice": "Several, as cuda:0,cuda:1, make a session on each"},
        ),
    ] = "auto"
    precision: Annotated[
        Literal["fp32", "bf16", "auto"],
        Meta(
            description="Numbers that a training step computes with; auto takes bf16 where the"
            " device has instructions for it. Weights and every evaluation are fp32",
            extra={
                "advice": "bf16 halves the time of large models; lenet and the like gain "
                "nothing by it"
            },
        ),
    ] = "fp32"
    compile: Annotated[
        bool,
        Meta(
            description="Generate machine code for the network when it starts (torch.compile): a"
            " minute or two on a CPU, then large networks are faster; needs a C++ compiler",
            extra={
                "advice": "Worth it for chen-densenet and hours of training; pause and stop"
                " wait for it"
            },
        ),
    ] = False
    threads: Annotated[
        int | None,
        Meta(
            description="CPU threads; results depend on it, so it is fixed at submission."
            " Left open: the machine's cores divided by the slots",
            extra={
                "advice": "More than the machine has cores only slows it down",
                "ge": 1,
                "le": 1024,
            },
        ),
    ] = None
    log_every: Annotated[
        int,
        Meta(
            description="Batches per metric row (each row is the mean of its batches)",
            extra={
                "advice": "1 shows every batch; more keeps the files small",
                "unit": "batches",
                "ge": 1,
                "le": 1_000_000,
            },
        ),
    ] = 10
    checkpoint_every: Annotated[
        float,
        Meta(
            description="Seconds between checkpoints while training; the best epoch, pause, stop"
            " and the end are saved besides",
            extra={
                "advice": "A crash costs at most this much work",
                "unit": "s",
                "ge": 0.0,
                "le": 86_400.0,
            },
        ),
    ] = 60.0


@dataclass(frozen=True)
class Problem:
    """Problem with one field, as a sentence without its full stop."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class ParameterError(ValueError):
    """Some parameters cannot be used; carries every problem."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


_CATALOGS = {
    "dataset": tuple(DATASETS),
    "model": tuple(MODELS),
    "optimizer": tuple(OPTIMIZERS),
}

_OWN = {
    "dataset": CustomValue(
        lambda text: text.startswith("/") or is_own_name(text), "a folder of your own", "DIR"
    ),
    "model": CustomValue(is_own_model, "package.module:build of your own", "MODULE:BUILD"),
}


def _field(info: msgspec.structs.FieldInfo) -> Field:
    annotated, meta = get_args(info.type)
    choices: tuple[str, ...] = ()
    kind: Any = annotated
    if get_origin(kind) in (Union, types.UnionType):
        kind = next(part for part in get_args(kind) if part is not type(None))
    if get_origin(kind) is Literal:
        choices, kind = get_args(kind), str
    if get_origin(kind) is tuple:
        kind = tuple
    choices = _CATALOGS.get(info.name, choices)
    limits = dict(meta.extra)
    unit, advice = limits.pop("unit", ""), limits.pop("advice")
    own = _OWN.get(info.name)
    return Field(
        info.name, kind, info.default, meta.description, advice, unit, limits, choices, own
    )


FIELDS: dict[str, Field] = {
    info.name: _field(info) for info in msgspec.structs.fields(Hyperparameters)
}
"""Every parameter by name, in the order data, model, optimizer, run."""


def applicable(model: str, optimizer: str) -> frozenset[str]:
    """Return the names of the parameters that apply to this model and optimizer."""
    optional = {name for name, field in FIELDS.items() if _is_option(name)}
    used = set(model_info(model).options) | set(OPTIMIZERS[optimizer])
    return frozenset((set(FIELDS) - optional) | used)


def _is_option(name: str) -> bool:
    return any(name in model.options for model in MODELS.values()) or any(
        name in options for options in OPTIMIZERS.values()
    )


def to_plain(parameters: Hyperparameters) -> dict[str, Any]:
    """Return the parameters as JSON types, in field order."""
    plain: dict[str, Any] = msgspec.to_builtins(parameters)
    return plain


def from_plain(plain: Mapping[str, Any]) -> Hyperparameters:
    """Return stored parameters.

    Raises:
        msgspec.ValidationError: The stored form is not ours.
    """
    return msgspec.convert(upgraded(plain), Hyperparameters)


def upgraded(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a stored session, with their meaning in an earlier version."""
    current = dict(plain)
    if isinstance(current.get("kernel_size"), int):  # before there was one for each convolution
        current["kernel_size"] = [current["kernel_size"]]
    if current.get("model") == "lenet":
        current.setdefault("activation", "relu")  # before there was a choice
    return current
