"""One validated configuration of a training: a field here is an option everywhere.

`zoo.train` takes it, the command line offers it, recipe files and `config.json` hold
it, and a resume compares it. What a field needs for that stands with it: its type, its
default, its description, and an `Option` where it differs from others.
"""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass
from pydantic.fields import FieldInfo

from zoo.validation import STRICT, OneLineErrors, fields_of

# Arguments of an object that Keras cannot serialize: it has to be given again.
NOT_SERIALIZED: dict[str, Any] = {"serialized": False}


@dataclasses.dataclass(frozen=True)
class Option:
    """What is special about a field as an option.

    Args:
        fixed: Whether a resumed run must have the same value.
        stored: Whether `config.json` holds it.
        component: Its kind in `zoo.components`, where it is a component.
        several: Whether it is a list of components.
        objects: Whether Python may give an object that no file holds.
        merges: Whether an object of names and values changes these only.
        sets: For a shortcut: the options that a value of it stands for.
    """

    fixed: bool = True
    stored: bool = True
    component: str | None = None
    several: bool = False
    objects: bool = False
    merges: bool = False
    sets: Callable[[Any], dict[str, Any]] | None = None


def option(field: FieldInfo) -> Option:
    """Returns what is special about a field."""
    return next((m for m in field.metadata if isinstance(m, Option)), Option())


def _component(value: Any) -> Any:
    """Makes a pair of what stands for a component."""
    if isinstance(value, str):
        return value, {}
    if isinstance(value, list | tuple) and len(value) == 2:
        return tuple(value)
    raise ValueError("must be a name, or a name and its arguments")


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _names(value: Any) -> Any:
    return (value,) if isinstance(value, str) else _tuple(value)


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


def _path(value: Any) -> Any:
    return Path(value) if isinstance(value, str) else value


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
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Recipe(metaclass=OneLineErrors):
    """How a model is trained; its fields are options of `zoo.train`, too."""

    dataset: Annotated[Text, Option(objects=True)] = Field(
        description="What `zoo.load_dataset` takes: digits, iris, a TFDS name, an "
        "image folder, a file (.npz, .csv, .tsv, .txt)."
    )
    encoding: Annotated[dict[str, Any], Option(merges=True)] = Field(
        default_factory=dict,
        description="How data becomes numbers: what the task's `Encoding` has, such as "
        '{"window": 24, "horizon": 6}.',
    )
    optimizer: Annotated[
        Pair, BeforeValidator(_optimizer), Option(component="optimizer", merges=True)
    ] = Field(
        ("Adam", {"learning_rate": 1e-3}),
        description="A class of `custom_layers.optimizers` or of Keras, and its "
        "arguments; those that are not given have Keras' defaults.",
    )
    loss: Annotated[Component | None, Option(component="loss", merges=True)] = Field(
        None,
        description="A class of `custom_layers.losses` or of Keras, and its arguments; "
        "the task's own if none.",
    )
    schedule: Annotated[Component | None, Option(component="schedule", merges=True)] = (
        Field(
            None,
            description="A class of `keras.optimizers.schedules`, or StepDecay, and "
            "its arguments; without them `initial_learning_rate` is the optimizer's, "
            "and `decay_steps` are the run's.",
        )
    )
    metrics: Annotated[Components, Option(component="metric", several=True)] = Field(
        (),
        description="Metrics besides the task's own: classes of `keras.metrics`, and "
        "their arguments.",
    )
    class_weight: Annotated[
        dict[str, float] | Literal["balanced"] | None, BeforeValidator(_class_weight)
    ] = Field(
        None,
        description='Weight of each class in the loss, by label: {"rare": 5}, 1 for '
        "the others; balanced: in inverse proportion to their frequencies.",
    )
    augmentation: Annotated[
        Components, Option(component="augmentation", several=True)
    ] = Field(
        (),
        description="Layers that change the samples at random in training only, such "
        "as RandomFlip: classes of `custom_layers`, and their arguments.",
    )
    monitor: str | None = Field(
        None,
        description="Figure that chooses the weights to keep (a loss: the lowest, else "
        "the highest); the task's own if none.",
    )
    batch_size: int = Field(
        64, ge=1, description="Samples in a step, over all devices together."
    )
    base_batch_size: int | None = Field(
        None,
        ge=1,
        description="Batch size that the learning rate is meant for; for others it is "
        "scaled in proportion.",
    )
    warmup_epochs: float = Field(
        0.0, ge=0, description="Epochs in which the learning rate rises to its value."
    )
    epochs: Annotated[int, Option(fixed=False)] = Field(
        20, ge=1, description="Passes over the training data."
    )
    patience: int | None = Field(
        None,
        ge=0,
        description="Epochs without a better monitored figure before training stops; "
        "it goes on to the last if none.",
    )
    seed: int = Field(
        0,
        ge=0,
        lt=2**32,
        description="Of the weights, the order of the data, dropout and augmentation.",
    )

    @property
    def rate_scale(self) -> float:
        """Factor of the learning rate for this batch size."""
        return self.batch_size / (self.base_batch_size or self.batch_size)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Settings(metaclass=OneLineErrors):
    """Options of a run that say nothing of how its model learns."""

    overrides: Annotated[dict[str, Any], Option(fixed=False, merges=True)] = Field(
        default_factory=dict,
        description='Arguments of the builder, such as {"hidden_units": [64]}.',
    )
    task: str | None = Field(
        None,
        description="Task of a model of your own, such as classification; that which "
        "the dataset is for if none.",
    )
    weights: Annotated[Text | None, Option(objects=True)] = Field(
        None,
        description="What to start from: a run folder (from Python also a `Run`), a "
        ".keras or .weights.h5 file, or a model whose weights ship. A head of another "
        "size is made anew; what layers measured of the data, and the vocabulary, stay "
        "those of the weights.",
    )
    freeze: Names = Field(
        (),
        description="Layers that are not trained, as `fnmatch` patterns, such as C*; * "
        "trains the head alone.",
    )
    sample_weight: Annotated[Text | None, Option(objects=True)] = Field(
        None,
        description="Weight of each training sample in the loss: an .npy file of one "
        "number for each, or from Python an array.",
    )
    callbacks: Annotated[
        Components, Option(fixed=False, component="callback", several=True)
    ] = Field(
        (),
        description="Callbacks besides those that keep the run folder. What one keeps "
        "from epoch to epoch is in the checkpoints if it has `get_state()` and "
        "`set_state(state)`.",
    )
    data_dir: Annotated[Text | None, Option(fixed=False)] = Field(
        None,
        description="Where sets of TFDS and files lie; TFDS_DATA_DIR or "
        "~/tensorflow_datasets if none.",
    )
    strategy: Annotated[
        Literal["auto", "cpu", "gpu", "mirrored", "multiworker", "tpu"],
        Option(fixed=False),
    ] = Field(
        "auto",
        description="What computes; auto takes what is there: the workers of "
        "TF_CONFIG, a TPU, all GPUs, or the CPU.",
    )
    jit: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Whether XLA compiles the steps; auto leaves it out for "
        "convolutions on a CPU.",
    )
    mixed_precision: Literal["bf16", "fp16"] | None = Field(
        None,
        description="What accelerators compute in; the saved model computes in "
        "float32.",
    )
    deterministic: bool = Field(
        False,
        description="The same bits each time on GPUs, too, at a cost there; on a CPU "
        "within the noise.",
    )
    log_every: Annotated[int | None, Option(fixed=False)] = Field(
        None,
        ge=1,
        description="Steps between calls of the callbacks' batch methods and moves of "
        "the bar; as many as half a second takes if none.",
    )
    output: Annotated[
        Path | None, BeforeValidator(_path), Option(fixed=False, stored=False)
    ] = Field(
        None,
        description="The run folder; runs/<architecture>.<dataset>/<n> if none.",
    )
    resume: Annotated[bool, Option(fixed=False, stored=False)] = Field(
        False,
        description="Go on after the last checkpoint in the run folder, with the "
        "options of its `config.json` where none are given; start anew where there is "
        "none.",
    )


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Shortcuts(metaclass=OneLineErrors):
    """Arguments of components that are asked for often, under names of their own."""

    learning_rate: Annotated[
        float | None, Option(sets=lambda v: {"optimizer": {"learning_rate": v}})
    ] = Field(None, ge=0, description="Of the optimizer.")
    accumulation: Annotated[
        int | None,
        Option(sets=lambda v: {"optimizer": {"gradient_accumulation_steps": v}}),
    ] = Field(
        None,
        ge=2,
        description="Steps whose gradients the optimizer averages before it changes "
        "the weights.",
    )
    ema: Annotated[
        float | None,
        Option(sets=lambda v: {"optimizer": {"use_ema": True, "ema_momentum": v}}),
    ] = Field(
        None,
        ge=0,
        lt=1,
        description="Momentum of an exponential moving average of the weights (such as "
        "0.99), which is what is scored and saved.",
    )


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Config(Settings):
    """A training as it was asked for, every value resolved.

    Args:
        name: Of the model.
        recipe: How it is trained.
        objects: What was given from Python and stands in no file, by option: a
            `Dataset`, an array, components that Keras cannot serialize.
    """

    name: str
    recipe: Recipe
    objects: dict[str, Any] = Field(default_factory=dict, exclude=True)

    def as_json(self) -> dict[str, Any]:
        """What `config.json` holds of it."""
        stored = {
            key: getattr(self, key)
            for key, field in fields_of(Settings).items()
            if option(field).stored
        }
        return {"name": self.name, **stored, "recipe": dataclasses.asdict(self.recipe)}
