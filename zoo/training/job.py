"""A training that is about to begin: what was asked for, resolved and checked."""

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from zoo import tasks
from zoo.config import Config, Recipe
from zoo.datasets import Dataset, checked, load_dataset
from zoo.errors import ArgumentError
from zoo.machines.devices import Devices, choose
from zoo.options import configure, given_options
from zoo.registry import ModelSpec, create_model, list_models, model_spec
from zoo.runs.folder import choose_folder, read_configuration
from zoo.runs.trained import Trained
from zoo.tasks.compatibility import arguments_for
from zoo.training.augmentation import check_augmentation, make_augmentation
from zoo.training.compile import (
    check_monitor,
    check_schedule,
    compile_model,
    make_callbacks,
    make_metrics,
    uses_xla,
    with_rate,
)
from zoo.training.recipe_file import read_recipe
from zoo.training.start import arguments_of, start_from
from zoo.training.weighting import weighted
from zoo.weights.transfer import copy_weights

_POLICIES = {"bf16": "mixed_bfloat16", "fp16": "mixed_float16"}


@dataclasses.dataclass(frozen=True)
class Job:
    """A training that is resolved, checked, and may begin.

    Args:
        spec: Of the model; that of `name.dataset` where there is one.
        config: What was asked for.
        data: Checked; its training samples have their weights, if there are any.
        arguments: Of the builder, for the data.
        devices: What computes.
        model: Built on them and compiled.
        callbacks: Of the user.
        augmentation: What changes the samples in training, if anything does.
        start: The trained model whose weights `model` has, if they are not new.
    """

    spec: ModelSpec
    config: Config
    data: Dataset
    arguments: dict[str, Any]
    devices: Devices
    model: keras.Model
    augmentation: keras.Sequential | None
    callbacks: list[keras.callbacks.Callback]
    start: Trained | None

    @property
    def recipe(self) -> Recipe:
        """How the model is trained."""
        return self.config.recipe


def resolve(
    name: str, *, recipe: Recipe | str | Path | None = None, **options: Any
) -> tuple[ModelSpec, Config]:
    """Returns the model and the configuration that the arguments of `train` mean.

    Values come from the options, then from the run that is resumed, then from the
    recipe file or the registered recipe.

    Raises:
        UnknownNameError: If there is no such model.
        ArgumentError: If there is no such option, or a value is wrong.
        RunError: If the run to resume is damaged.
    """
    spec = model_spec(name)
    given = given_options(options)
    overrides: dict[str, Any] = {}
    if isinstance(recipe, str | Path):
        saved = read_recipe(recipe)
        if saved.name != name:
            raise ArgumentError(
                f"{recipe} is a recipe for {saved.name!r}, not for {name!r}."
            )
        recipe, overrides = saved.recipe, {"overrides": saved.overrides}
    held, settings = None, {}
    if given.get("resume"):
        default = (recipe or spec.recipe).dataset
        folder = given.get("output") or choose_folder(
            name, _name(given.get("dataset", default)), resume=True
        )
        held, settings = read_configuration(Path(folder), name)
    recipe = recipe or held
    dataset = _name(given.get("dataset", (recipe or spec.recipe).dataset))
    instance = f"{name}.{dataset}"
    if instance in list_models():
        spec = model_spec(instance)
    recipe = dataclasses.replace(recipe or spec.recipe, dataset=dataset)
    config = configure(name, recipe, options, settings | overrides)
    return spec, dataclasses.replace(config, recipe=with_rate(config.recipe))


def _name(dataset: Any) -> str:
    return dataset.name if isinstance(dataset, Dataset) else str(dataset)


def prepare(
    name: str, *, recipe: Recipe | str | Path | None = None, **options: Any
) -> Job:
    """Does what comes before the run folder; `train` documents the arguments.

    Raises:
        ZooError: If an argument or the data does not fit.
    """
    spec, config = resolve(name, recipe=recipe, **options)
    recipe = config.recipe
    callbacks = make_callbacks(config)
    check_schedule(recipe, callbacks)
    devices = choose(config.strategy)
    if recipe.batch_size % devices.replicas:
        raise ArgumentError(
            f"{devices.replicas} replicas cannot share a batch of "
            f"{recipe.batch_size} evenly; give another --batch-size."
        )
    data = _load(config)
    start = start_from(spec, recipe, config.objects.get("weights", config.weights))
    if start is not None and data.vocabulary is None:
        data = dataclasses.replace(data, vocabulary=start.vocabulary)
    task = tasks.get(spec.task)
    data = task.encode(data, recipe.encoding)
    inherited = {} if start is None else arguments_of(start, spec, data)
    arguments = arguments_for(name, spec, data, inherited | config.overrides)
    if config.deterministic:
        _insist_on_determinism()
    keras.utils.set_random_seed(recipe.seed)
    with devices.scope(), _precision(config.mixed_precision):
        model = create_model(spec.name, freeze=config.freeze, **arguments)
    model.name = name
    if start is not None:
        copy_weights(start.model, model)
    if not config.callbacks:  # which may add any figure
        more = make_metrics(recipe, config.objects)
        check_monitor(recipe, [*task.metrics(), *more])
    check_augmentation(config, data)
    data = weighted(data, config)
    steps = -(-len(data.train.y) // recipe.batch_size)
    with devices.scope():
        jit = uses_xla(model, config.jit, devices)
        compile_model(model, recipe, task, steps=steps, jit=jit, objects=config.objects)
        augmentation = make_augmentation(config)
    return Job(
        spec, config, data, arguments, devices, model, augmentation, callbacks, start
    )


def _load(config: Config) -> Dataset:
    given = config.objects.get("dataset")
    if given is not None:
        return checked(given)
    return load_dataset(config.recipe.dataset, data_dir=config.data_dir)


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
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(_POLICIES[name] if name else before)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
