"""One validated configuration of a training: a field here is an option everywhere.

`zoo.train` accepts it, the command line offers it, recipe files and `config.json`
store it, and a resume compares it. A field declares all that this needs: type,
default, description, and an `Option` where it is special.
"""

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass
from pydantic.fields import FieldInfo

from zoo.reading import Names, Reading
from zoo.validation import STRICT, OneLineErrors, fields_of

# Arguments of an object that Keras cannot serialize: it has to be given again.
NOT_SERIALIZED: dict[str, Any] = {"serialized": False}


@dataclasses.dataclass(frozen=True)
class Option:
    """Metadata of a field that differs from the others as an option.

    Args:
        fixed: Whether a resumed run must have the same value.
        stored: Whether `config.json` stores it.
        component: Its kind in `zoo.components`, if it is a component.
        several: Whether it is a list of components.
        objects: Whether Python may pass an object that is not serialized.
        merges: Whether a dictionary updates the present value instead of replacing it.
        sets: For a shortcut: maps its value to the options that it sets.
    """

    fixed: bool = True
    stored: bool = True
    component: str | None = None
    several: bool = False
    objects: bool = False
    merges: bool = False
    sets: Callable[[Any], dict[str, Any]] | None = None


def option(field: FieldInfo) -> Option:
    """Returns the `Option` of a field, or the default one."""
    return next((m for m in field.metadata if isinstance(m, Option)), Option())


def _component(value: Any) -> Any:
    """Normalizes a component to a pair of name and arguments."""
    if isinstance(value, str):
        return value, {}
    if isinstance(value, list | tuple) and len(value) == 2:
        return tuple(value)
    raise ValueError("must be a name, or a name and its arguments")


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _text(value: Any) -> Any:
    return str(Path(value)) if isinstance(value, os.PathLike) else value


def _path(value: Any) -> Any:
    return Path(value) if isinstance(value, str | os.PathLike) else value


def _class_weight(value: Any) -> Any:
    if value is None or value == "balanced":
        return value
    if not isinstance(value, dict):
        raise ValueError("must be 'balanced', or an object: classes and their weights")
    weights = {str(label): weight for label, weight in value.items()}
    for weight in weights.values():
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise ValueError("must have numbers as weights")
        if not 0 <= weight < float("inf"):
            raise ValueError("must have finite weights of 0 or more")
    return weights


def _optimizer(value: Any) -> Any:
    name, arguments = _component(value)
    if not isinstance(arguments, dict):
        raise ValueError("must be a name, or a name and its arguments")
    rate = arguments.get("learning_rate", 1.0)
    if isinstance(rate, dict):  # a schedule, as Keras serializes it
        return name, arguments
    if isinstance(rate, bool) or not isinstance(rate, int | float):
        raise ValueError("must have a number as its `learning_rate`")
    if not 0 <= rate < float("inf"):
        raise ValueError("must have a finite `learning_rate` of 0 or more")
    return name, arguments


Pair = tuple[str, dict[str, Any]]
Component = Annotated[Pair, BeforeValidator(_component)]
Components = Annotated[tuple[Component, ...], BeforeValidator(_tuple)]
Text = Annotated[str, BeforeValidator(_text)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Recipe(Reading):
    """How a model is trained; its fields are options of `zoo.train`, too."""

    dataset: Annotated[Text, Option(objects=True)] = Field(
        description="What `zoo.load_dataset` takes: digits, iris, a TFDS name, an "
        "image folder, a file (.npz, .csv, .tsv, .txt)."
    )
    encoding: Annotated[dict[str, Any], Option(merges=True)] = Field(
        default_factory=dict,
        description="How data is encoded: fields of the task's `Encoding`, such as "
        '{"window": 24, "horizon": 6}.',
    )
    optimizer: Annotated[
        Pair, BeforeValidator(_optimizer), Option(component="optimizer", merges=True)
    ] = Field(
        ("Adam", {"learning_rate": 1e-3}),
        description="A class of `custom_layers.optimizers` or of Keras, and its "
        "arguments; Keras' defaults for the others.",
    )
    loss: Annotated[Component | None, Option(component="loss", merges=True)] = Field(
        None,
        description="A class of `custom_layers.losses` or of Keras, and its arguments; "
        "the task's loss if none.",
    )
    schedule: Annotated[Component | None, Option(component="schedule", merges=True)] = (
        Field(
            None,
            description="A class of `keras.optimizers.schedules`, or StepDecay, and "
            "its arguments; `initial_learning_rate` defaults to the optimizer's, "
            "`decay_steps` to the steps of the run.",
        )
    )
    metrics: Annotated[Components, Option(component="metric", several=True)] = Field(
        (),
        description="Metrics in addition to the task's: classes of `keras.metrics`, "
        "and their arguments.",
    )
    class_weight: Annotated[
        dict[str, float] | Literal["balanced"] | None, BeforeValidator(_class_weight)
    ] = Field(
        None,
        description='Weight of each class in the loss, by label: {"rare": 5}, 1 for '
        "the others; balanced: inversely proportional to class frequencies.",
    )
    augmentation: Annotated[
        Components, Option(component="augmentation", several=True)
    ] = Field(
        (),
        description="Random layers in front of the model, active in training only, "
        "such as RandomFlip: classes of `custom_layers`, and their arguments.",
    )
    monitor: str | None = Field(
        None,
        description="Metric that selects the best epoch; the task's monitor if none.",
    )
    mode: Literal["min", "max"] | None = Field(
        None,
        description="Whether the monitor is minimized or maximized; as the metric "
        "declares if none.",
    )
    batch_size: int = Field(
        64,
        ge=1,
        le=2**31 - 1,
        description="Samples in a step, over all devices together.",
    )
    base_batch_size: int | None = Field(
        None,
        ge=1,
        description="Batch size that the learning rate is given for; it scales "
        "linearly with the batch size.",
    )
    warmup_epochs: float = Field(
        0.0, ge=0, description="Epochs of linear warmup of the learning rate."
    )
    epochs: Annotated[int, Option(fixed=False)] = Field(
        20, ge=1, le=2**31 - 1, description="Number of passes over the training data."
    )
    patience: int | None = Field(
        None,
        ge=0,
        description="Epochs without improvement of the monitor before training stops; "
        "no early stopping if none.",
    )
    seed: int = Field(
        0,
        ge=0,
        lt=2**32,
        description="Seed of initial weights, data order, dropout and augmentation.",
    )

    @property
    def rate_scale(self) -> float:
        """Factor by which the learning rate is scaled for this batch size."""
        return self.batch_size / (self.base_batch_size or self.batch_size)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Settings(metaclass=OneLineErrors):
    """Options of a run that are not part of its recipe."""

    overrides: Annotated[dict[str, Any], Option(fixed=False, merges=True)] = Field(
        default_factory=dict,
        description='Arguments of the builder, such as {"hidden_units": [64]}.',
    )
    weights: Annotated[Text | None, Option(objects=True)] = Field(
        None,
        description="Initial weights: a run folder (in Python also a `Run`), a .keras "
        "or .weights.h5 file, or a model with shipped weights. A head of another size "
        "is initialized anew; statistics of adapted layers and the vocabulary are "
        "those of the weights.",
    )
    vectors: Annotated[Text | None, Option(objects=True)] = Field(
        None,
        description="Word vectors that the embedding of a text model starts from: a "
        "file of word2vec, gensim, fastText or GloVe, or a run of word2vec (in Python "
        "also `WordVectors`). With `freeze` embedding they stay as they are.",
    )
    freeze: Names = Field(
        (),
        description="Layers to freeze, as `fnmatch` patterns, such as C*; * trains the "
        "head only.",
    )
    normalization: Literal["keep", "adapt"] | None = Field(
        None,
        description="Statistics of Normalization in a training that starts from "
        "weights: keep those of the weights, or adapt them to the data; keep, and "
        "refuse inputs that are far from them, if none.",
    )
    sample_weight: Annotated[Text | None, Option(objects=True)] = Field(
        None,
        description="Weight of each training sample in the loss: an .npy file with one "
        "number per sample, or in Python an array.",
    )
    callbacks: Annotated[
        Components, Option(fixed=False, component="callback", several=True)
    ] = Field(
        (),
        description="Additional callbacks. Checkpoints keep the state of those of "
        "Keras, and of any with `get_state()` and `set_state(state)`.",
    )
    data_dir: Annotated[Text | None, Option(fixed=False)] = Field(
        None,
        description="Folder of TFDS datasets and files; TFDS_DATA_DIR or "
        "~/tensorflow_datasets if none.",
    )
    strategy: Annotated[
        Literal["auto", "cpu", "gpu", "mirrored", "multiworker", "tpu"],
        Option(fixed=False),
    ] = Field(
        "auto",
        description="Devices to train on; auto takes what is available: the workers of "
        "TF_CONFIG, a TPU, all GPUs, or the CPU.",
    )
    jit: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Whether to compile the steps with XLA; auto: except for "
        "convolutions on a CPU.",
    )
    mixed_precision: Literal["bf16", "fp16"] | None = Field(
        None,
        description="Compute dtype on accelerators; the saved model computes in "
        "float32.",
    )
    deterministic: bool = Field(
        False,
        description="Bitwise reproducible results on GPUs, too, which makes them "
        "slower; no measurable cost on a CPU.",
    )
    log_every: Annotated[int | None, Option(fixed=False)] = Field(
        None,
        ge=1,
        description="Steps between calls of the callbacks' batch methods and updates "
        "of the progress bar; if none, each where a callback has batch methods of its "
        "own, or as many as take half a second.",
    )
    output: Annotated[
        Path | None, BeforeValidator(_path), Option(fixed=False, stored=False)
    ] = Field(
        None,
        description="The run folder; runs/<architecture>.<dataset>/<n> if none.",
    )
    resume: Annotated[bool, Option(fixed=False, stored=False)] = Field(
        False,
        description="Resume from the last checkpoint in the run folder, with the "
        "options of its `config.json` unless given; start a new run if there is none.",
    )


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Shortcuts(metaclass=OneLineErrors):
    """Common arguments of components as options of their own."""

    learning_rate: Annotated[
        float | None, Option(sets=lambda v: {"optimizer": {"learning_rate": v}})
    ] = Field(None, ge=0, description="Learning rate of the optimizer.")
    accumulation: Annotated[
        int | None,
        Option(sets=lambda v: {"optimizer": {"gradient_accumulation_steps": v}}),
    ] = Field(
        None,
        ge=2,
        description="Gradient accumulation: steps whose gradients are averaged for one "
        "update.",
    )
    ema: Annotated[
        float | None,
        Option(sets=lambda v: {"optimizer": {"use_ema": True, "ema_momentum": v}}),
    ] = Field(
        None,
        ge=0,
        lt=1,
        description="Momentum of an exponential moving average of the weights (such as "
        "0.99), which is evaluated and saved instead of them.",
    )


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Config(Settings):
    """Configuration of a training, every value resolved.

    Args:
        name: Name of the model.
        recipe: How it is trained.
        objects: Python objects that are not serialized, by option: a `Dataset`, an
            array, components that Keras cannot serialize.
    """

    name: str
    recipe: Recipe
    objects: dict[str, Any] = Field(default_factory=dict, exclude=True)

    def as_json(self) -> dict[str, Any]:
        """Returns the part that `config.json` stores."""
        stored = {
            key: getattr(self, key)
            for key, field in fields_of(Settings).items()
            if option(field).stored
        }
        return {"name": self.name, **stored, "recipe": dataclasses.asdict(self.recipe)}
