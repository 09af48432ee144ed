"""A training that is about to begin: what was asked for, resolved and checked."""

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypedDict

import keras

from zoo import tasks
from zoo.datasets import Dataset, checked, load_dataset
from zoo.errors import ArgumentError
from zoo.machines.devices import Devices, choose
from zoo.registry import ModelSpec, Recipe, create_model, list_models, model_spec
from zoo.runs.run import Run
from zoo.runs.trained import Trained
from zoo.tasks.compatibility import arguments_for
from zoo.training.recipe_file import read_recipe
from zoo.training.start import arguments_of, start_from
from zoo.weights.transfer import copy_weights

_POLICIES = {"bf16": "mixed_bfloat16", "fp16": "mixed_float16"}


@dataclasses.dataclass(frozen=True)
class Job:
    """A training that is resolved, checked, and may begin.

    Args:
        spec: Of the model; that of `name.dataset` where there is one.
        recipe: With what was asked for in place of its own.
        data: Checked.
        arguments: Of the builder, for the data.
        devices: What computes.
        model: Built on them.
        start: The trained model whose weights `model` has, if they are not new.
    """

    spec: ModelSpec
    recipe: Recipe
    data: Dataset
    arguments: dict[str, Any]
    devices: Devices
    model: keras.Model
    start: Trained | None


class Asked(TypedDict, total=False):
    """The arguments of `prepare`, which `train` documents."""

    dataset: str | Path | Dataset | None
    epochs: int | None
    batch_size: int | None
    strategy: str
    seed: int | None
    overrides: dict[str, Any] | None
    encoding: dict[str, Any] | None
    mixed_precision: str | None
    deterministic: bool
    recipe: Recipe | str | Path | None
    weights: Run | str | Path | None
    freeze: str | Sequence[str]


def prepare(
    name: str,
    *,
    dataset: str | Path | Dataset | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    strategy: str = "auto",
    seed: int | None = None,
    overrides: dict[str, Any] | None = None,
    encoding: dict[str, Any] | None = None,
    mixed_precision: str | None = None,
    deterministic: bool = False,
    recipe: Recipe | str | Path | None = None,
    weights: Run | str | Path | None = None,
    freeze: str | Sequence[str] = (),
) -> Job:
    """Does what comes before the run folder; `train` documents the arguments.

    Raises:
        ZooError: If an argument or the data does not fit.
    """
    devices = choose(strategy)
    if isinstance(recipe, str | Path):
        recipe, overrides = _from_file(recipe, name, overrides)
    spec, recipe = resolve(name, dataset, epochs, batch_size, seed, recipe)
    recipe = dataclasses.replace(recipe, encoding=recipe.encoding | (encoding or {}))
    if recipe.batch_size % devices.replicas:
        raise ArgumentError(
            f"{devices.replicas} replicas cannot share a batch of "
            f"{recipe.batch_size} evenly; give another --batch-size."
        )
    if isinstance(dataset, Dataset):
        data = checked(dataset)
    else:
        data = load_dataset(recipe.dataset)
    start = start_from(spec, recipe, weights)
    if start is not None and data.vocabulary is None:
        data = dataclasses.replace(data, vocabulary=start.vocabulary)
    data = tasks.get(spec.task).encode(data, recipe.encoding)
    inherited = {} if start is None else arguments_of(start, spec, data)
    arguments = arguments_for(name, spec, data, inherited | (overrides or {}))
    if deterministic:
        _insist_on_determinism()
    keras.utils.set_random_seed(recipe.seed)
    with devices.scope(), _precision(mixed_precision):
        model = create_model(spec.name, freeze=freeze, **arguments)
    model.name = name
    if start is not None:
        copy_weights(start.model, model)
    return Job(spec, recipe, data, arguments, devices, model, start)


def resolve(
    name: str,
    dataset: str | Path | Dataset | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    seed: int | None = None,
    recipe: Recipe | None = None,
) -> tuple[ModelSpec, Recipe]:
    """Returns the model and the recipe that the arguments of `train` mean.

    Raises:
        UnknownNameError: If there is no such model.
        ArgumentError: If a number is too small.
    """
    spec = model_spec(name)
    if isinstance(dataset, Dataset):
        wanted = dataset.name
    else:
        wanted = str(dataset) if dataset else (recipe or spec.recipe).dataset
    instance = f"{name}.{wanted}"
    if instance in list_models():
        spec = model_spec(instance)
    asked = {"epochs": epochs, "batch_size": batch_size, "seed": seed}
    changes = {key: value for key, value in asked.items() if value is not None}
    for key, value in changes.items():
        least = 0 if key == "seed" else 1
        if value < least:
            raise ArgumentError(f"`{key}` must be {least} or more. Received: {value}")
    return spec, dataclasses.replace(recipe or spec.recipe, dataset=wanted, **changes)


def _from_file(
    path: str | Path, name: str, overrides: dict[str, Any] | None
) -> tuple[Recipe, dict[str, Any]]:
    saved = read_recipe(path)
    if saved.name != name:
        raise ArgumentError(f"{path} is a recipe for {saved.name!r}, not for {name!r}.")
    return saved.recipe, saved.overrides | (overrides or {})


def _insist_on_determinism() -> None:
    if keras.backend.backend() != "tensorflow":
        raise ArgumentError(
            "`deterministic` needs the TensorFlow backend; for JAX on a GPU set "
            "XLA_FLAGS=--xla_gpu_deterministic_ops=true."
        )
    import tensorflow as tf

    # For the rest of the process: TensorFlow has no way back.
    tf.config.experimental.enable_op_determinism()


@contextlib.contextmanager
def _precision(name: str | None) -> Iterator[None]:
    if name not in (None, *_POLICIES):
        raise ArgumentError(
            f"`mixed_precision` must be bf16 or fp16. Received: {name!r}"
        )
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(_POLICIES[name] if name else before)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
