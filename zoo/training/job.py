"""Prepares a training: resolves the configuration, builds and checks everything."""

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras

from zoo import tasks
from zoo.config import Config, Recipe
from zoo.datasets import Dataset, checked
from zoo.datasets.copies import drop_copies
from zoo.datasets.examined_splits import examine_splits
from zoo.datasets.finding import say
from zoo.datasets.folds import draw_fold
from zoo.datasets.labelled import keep_labelled
from zoo.errors import ArgumentError
from zoo.machines.devices import Devices, choose
from zoo.options import configure, given_options
from zoo.registry import check_name, create_model
from zoo.runs.own_model import Traits, task_of
from zoo.runs.trained import Trained
from zoo.tasks import Task
from zoo.tasks.compatibility import arguments_for
from zoo.training.adapt import adapt_normalization
from zoo.training.augmentation import check_augmentation, make_augmentation
from zoo.training.callbacks import check_modes, check_swaps, make_callbacks
from zoo.training.compile import (
    check_accumulation,
    check_monitor,
    check_schedule,
    compile_model,
    make_metrics,
    uses_xla,
    with_rate,
)
from zoo.training.compiled import compiled_options, remember
from zoo.training.control import check_agent
from zoo.training.direction import Mode
from zoo.training.engine import check_trainable
from zoo.training.feed import steps_per_epoch
from zoo.training.loading import load_source
from zoo.training.own_model import (
    answers_of,
    check_outputs,
    completed,
    copied,
    guess_task,
    is_binary,
    traits_of,
)
from zoo.training.pretrained_vectors import size_of, start_embedding, vectors_for
from zoo.training.rehearsal import rehearse
from zoo.training.resolve import (
    dataset_name,
    held_configuration,
    resolve_with_data,
)
from zoo.training.start import arguments_of, check_range, start_from
from zoo.training.weighting import weighted
from zoo.training.word2vec.checking import check_words
from zoo.weights.transfer import copy_encoder, copy_weights

_POLICIES = {"bf16": "mixed_bfloat16", "fp16": "mixed_float16"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Job:
    """A training that is resolved and checked, ready to start.

    Args:
        config: Resolved configuration.
        task: Task of the model.
        data: Checked dataset; its training split has sample weights, if there are any.
        arguments: Arguments of the builder, for the data.
        devices: Devices to train on.
        model: Model, built on the devices and compiled.
        plain: Returns the trained model in `float32` on the default device.
        callbacks: Callbacks of the user.
        mode: Whether the monitor is minimized or maximized.
        augmentation: Layers applied to the samples in training, if any.
        start: The trained model whose weights `model` starts from, if any.
        traits: Traits of a user's own model.
    """

    config: Config
    task: Task
    data: Dataset
    arguments: dict[str, Any]
    devices: Devices
    model: keras.Model
    plain: Callable[[], keras.Model]
    callbacks: list[keras.callbacks.Callback]
    mode: Mode
    augmentation: keras.Sequential | None
    start: Trained | None = None
    traits: Traits | None = None

    @property
    def recipe(self) -> Recipe:
        """How the model is trained."""
        return self.config.recipe

    @property
    def is_new(self) -> bool:
        """Whether layers such as `Normalization` have to be adapted to the data."""
        return self.start is None and self.traits is None


def prepare(
    model: str | keras.Model,
    *,
    recipe: Recipe | str | os.PathLike | None = None,
    **options: Any,
) -> Job:
    """Resolves and checks everything before a run folder is made.

    `train` documents the arguments.

    Raises:
        ZooError: If an argument or the data does not fit.
    """
    if not isinstance(recipe, Recipe | str | os.PathLike | None):
        raise ArgumentError(
            f"`recipe` must be a zoo.Recipe or a file. Received: {recipe!r}"
        )
    if isinstance(model, keras.Model):
        return _prepare_own(model, recipe, options)
    return _prepare_registered(model, recipe, options)


def _prepare_registered(
    name: str, given: Recipe | str | os.PathLike | None, options: dict[str, Any]
) -> Job:
    spec, config, data = resolve_with_data(name, _load, recipe=given, **options)
    recipe = config.recipe
    devices = _devices(config)
    start = start_from(spec, recipe, config.objects.get("weights", config.weights))
    if start is not None:
        data = start.read_alike(data)
    task = tasks.get(spec.task)
    config, data = encoded(config, task, data)
    inherited = {} if start is None else arguments_of(start, spec, data)
    vectors = vectors_for(spec, config.objects.get("vectors", config.vectors))
    inherited |= size_of(vectors, inherited | config.overrides)
    arguments = arguments_for(name, spec, data, inherited | config.overrides)
    keras.utils.set_random_seed(recipe.seed)
    with devices.scope(), _precision(config.mixed_precision):
        model = create_model(
            spec.name, task=spec.task, freeze=config.freeze, **arguments
        )
    model.name = name
    if start is not None:
        if start.name.partition(".")[0] == spec.architecture:
            copy_weights(start.model, model)
        else:
            copy_encoder(start.model, model)
        if start.targets != data.targets:
            task.inform(model, data)
        if config.normalization == "adapt":
            adapt_normalization(model, data)
        elif config.normalization is None:
            check_range(start, data)
    if vectors is not None:
        start_embedding(model, data.vocabulary, vectors, recipe.seed)

    def plain() -> keras.Model:
        if devices.strategy is None and config.mixed_precision is None:
            return model
        copy = create_model(spec.name, task=spec.task, **arguments)
        copy.set_weights(model.get_weights())
        copy.name = name
        return copy

    parts = _compiled(config, task.of(data), data, devices, model)
    arguments = spec.arguments | arguments
    return Job(**parts, arguments=arguments, plain=plain, start=start)


def _prepare_own(
    model: keras.Model,
    recipe: Recipe | str | os.PathLike | None,
    options: dict[str, Any],
) -> Job:
    check_name(model.name)
    given = given_options(options)
    for key in (
        "overrides",
        "weights",
        "vectors",
        "freeze",
        "normalization",
        "mixed_precision",
    ):
        if given.get(key):
            raise ArgumentError(
                f"`{key}` is for registered models; give {model.name!r} what it means "
                "before it is trained."
            )
    if isinstance(recipe, str | os.PathLike):
        raise ArgumentError(f"{recipe} is a recipe for a registered model.")
    if given.get("resume") and given.get("output") is None:
        raise ArgumentError("Give the `output` of the run that is to be resumed.")
    held, settings = None, {}
    if given.get("resume"):
        held, settings = held_configuration(Path(given["output"]), None, given)
    base = recipe or held
    if base is None and "dataset" not in given:
        raise ArgumentError(f"Give the `dataset` that {model.name!r} is trained on.")
    base = base or Recipe(dataset=dataset_name(given["dataset"]))
    first = configure(model.name, base, given, settings)
    devices = _devices(first)
    data = _load(first)
    task = tasks.get(first.recipe.task or guess_task(model, data))
    base = dataclasses.replace(base, encoding=_length(model, data) | base.encoding)
    first = configure(model.name, base, given, settings)
    first, data = encoded(first, task, data)
    base = dataclasses.replace(base, encoding=first.recipe.encoding)
    keras.utils.set_random_seed(first.recipe.seed)
    answers = answers_of(model, data, task)
    compiled = compiled_options(model, is_binary=is_binary(answers, data))
    config = configure(model.name, base, compiled | given, settings)
    traits = traits_of(model, answers, data, config.recipe.loss)
    recipe = with_rate(completed(config.recipe, model, task, traits))
    task = task_of(task.name, recipe, make_metrics(recipe, config.objects), data)
    recipe = dataclasses.replace(recipe, monitor=recipe.monitor or task.monitor)
    config = dataclasses.replace(config, recipe=recipe)
    check_outputs(model, task, traits)
    trained = model
    if devices.strategy is not None:
        trained = copied(model, data.train.x, devices)

    def plain() -> keras.Model:
        if trained is not model:
            model.set_weights(trained.get_weights())
        return model

    try:
        parts = _compiled(config, task, data, devices, trained)
    finally:
        if trained is model:
            remember(model, compiled)
    return Job(**parts, arguments={}, plain=plain, traits=traits)


def _devices(config: Config) -> Devices:
    devices = choose(config.strategy)
    if config.recipe.batch_size % devices.replicas:
        raise ArgumentError(
            f"{devices.replicas} replicas cannot share a batch of "
            f"{config.recipe.batch_size} evenly; give another --batch-size."
        )
    if config.deterministic:
        _enable_determinism()
    return devices


def _compiled(
    config: Config, task: Task, data: Dataset, devices: Devices, model: keras.Model
) -> dict[str, Any]:
    """Compiles a model and checks its configuration."""
    recipe = config.recipe
    if data.environment is not None:
        check_agent(recipe, devices)
    callbacks = make_callbacks(config)
    check_schedule(recipe, callbacks)
    more = make_metrics(recipe, config.objects)
    metrics = [*task.metrics(), *more]
    check_monitor(recipe, metrics, callbacks)
    mode = check_modes(recipe, task, metrics, callbacks)
    check_augmentation(config, data)
    data = weighted(data, config)
    steps = steps_per_epoch(data, recipe)
    with devices.scope():
        jit = uses_xla(model, config.jit, devices)
        compile_model(model, recipe, task, steps=steps, jit=jit, objects=config.objects)
        check_trainable(model, devices)
        check_swaps(model, callbacks)
        check_accumulation(model, steps * recipe.epochs)
        augmentation = make_augmentation(config)
    if data.task == "embedding":
        check_words(config, model, data, devices)
    else:
        rehearse(model, data, more)
    return {
        "config": config,
        "task": task,
        "data": data,
        "devices": devices,
        "model": model,
        "callbacks": callbacks,
        "mode": mode,
        "augmentation": augmentation,
    }


def _load(config: Config, task: str | None = None) -> Dataset:
    given = config.objects.get("dataset")
    if given is not None:
        data, fold = checked(given), config.recipe.fold
        data = data if fold is None else draw_fold(data, fold)
        data = drop_copies(data) if config.recipe.drop_copies else data
        labelled = config.recipe.labelled
        return data if labelled is None else keep_labelled(data, labelled)
    data = load_source(config, task)
    say(data.name, (*data.findings, *examine_splits(data)))
    return data


def _length(model: keras.Model, data: Dataset) -> dict[str, Any]:
    """The length of texts, where a user's own model takes no other."""
    shape: Any = getattr(model, "input_shape", ())
    is_fixed = len(shape) == 2 and shape[1] is not None
    return {"length": shape[1]} if is_fixed and data.train.x.dtype == object else {}


def encoded(config: Config, task: Task, raw: Dataset) -> tuple[Config, Dataset]:
    """Encodes data, and says what is left out.

    Returns:
        The configuration with the complete encoding, and the data.
    """
    encoding = task.fit(raw, config.recipe.encoding)
    data = task.encode(raw, encoding)
    say(raw.name, tuple(task.losses(raw, data, encoding)))
    recipe = dataclasses.replace(config.recipe, encoding=encoding)
    return dataclasses.replace(config, recipe=recipe), data


def _enable_determinism() -> None:
    if keras.backend.backend() != "tensorflow":
        raise ArgumentError(
            "`deterministic` needs the TensorFlow backend; for JAX on a GPU set "
            "XLA_FLAGS=--xla_gpu_deterministic_ops=true."
        )
    import tensorflow as tf

    # For the rest of the process: TensorFlow cannot turn it off again.
    tf.config.experimental.enable_op_determinism()


@contextlib.contextmanager
def _precision(name: str | None) -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(_POLICIES[name] if name else before)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
