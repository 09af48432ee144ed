"""Trains a registered model by its recipe, into a run folder."""

import contextlib
import dataclasses
import errno
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import keras

from zoo import tasks
from zoo.datasets import Dataset, checked, load_dataset
from zoo.datasets.dataset import SPLIT_SEED
from zoo.datasets.vocabulary import as_json
from zoo.devices import Devices, choose
from zoo.errors import ArgumentError, RunError
from zoo.files import replacing, write_json
from zoo.registry import ModelSpec, Recipe, create_model, list_models, model_spec
from zoo.training.assumptions import broken
from zoo.training.evaluate import scores
from zoo.training.fit import fit
from zoo.training.history import columns
from zoo.training.match import arguments_for
from zoo.training.recipe_file import read_recipe
from zoo.training.run import Run, choose_folder, open_folder
from zoo.training.start import arguments_of, start_from
from zoo.training.timings import Timings
from zoo.training.trained import Trained
from zoo.training.workers import Workers, explained
from zoo.transfer import copy_weights

_POLICIES = {"bf16": "mixed_bfloat16", "fp16": "mixed_float16"}
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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


def train(
    name: str,
    *,
    dataset: str | Path | Dataset | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    strategy: str = "auto",
    seed: int | None = None,
    output: str | Path | None = None,
    resume: bool = False,
    overrides: dict[str, Any] | None = None,
    jit: str = "auto",
    mixed_precision: str | None = None,
    deterministic: bool = False,
    log_every: int | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    recipe: Recipe | str | Path | None = None,
    weights: str | Path | None = None,
    freeze: str | Sequence[str] = (),
) -> Run:
    """Trains a model, keeps its best weights, and scores them on the test split.

    The weights are chosen on the validation split; the test split is read once,
    at the end. The run folder holds `config.json`, `history.csv`,
    `metrics.json`, `timings.json`, `model.keras`, `checkpoints/` and `logs/`
    (TensorBoard).

    Args:
        name: A registered model.
        dataset: What `zoo.load_dataset` takes, or a `Dataset`; the recipe's
            without it. The recipe of `name.dataset` is used where there is one.
        epochs: In place of the recipe's.
        batch_size: In place of the recipe's.
        strategy: `auto` takes what is there: the workers of `TF_CONFIG`, a TPU, all
            GPUs, or the CPU; `cpu`, `gpu`, `mirrored`, `multiworker` and `tpu`
            insist.
        seed: Of the weights, the order of the data and dropout, in place of the
            recipe's 0.
        output: The run folder; `runs/<architecture>.<dataset>/<n>` without it.
        resume: Goes on after the last checkpoint in `output`, or else in the
            newest run folder of this model; starts anew where there is none. Every
            worker reads the checkpoint: they need a folder that all of them share.
        overrides: Arguments of the builder, such as `{"hidden_units": (64,)}`.
        jit: Whether XLA compiles the steps: `on`, `off`, or `auto`, which leaves it
            out for convolutions on a CPU.
        mixed_precision: `bf16` or `fp16` for what accelerators compute; the saved
            model computes in `float32`.
        deterministic: Whether only operations run that give the same bits each
            time, on GPUs as well; they are slower.
        log_every: Steps between calls of the callbacks' batch methods; as many as
            half a second takes without it.
        callbacks: Keras callbacks, besides those that keep the run folder.
        recipe: In place of the registered one: a `Recipe`, or a file that
            `zoo.tune` wrote, which holds overrides, too.
        weights: What to start from: a `.weights.h5` or `.keras` file, a run folder, or
            the name of a model whose weights ship. A trained instance such as
            `lenet5.mnist` on other data than its own starts from its shipped weights.
            A head of another size is made anew; what layers measured of the data, as
            `Normalization` does, and the vocabulary stay those of the weights.
        freeze: Names of layers that are not trained, as `fnmatch` patterns; `"*"`
            trains the head alone.

    Raises:
        UnknownNameError: If there is no such model.
        WeightsError: If the weights to start from are missing or do not fit.
        DatasetError: If the data is missing or does not fit the model.
        ArgumentError: If an argument does not fit.
        RunError: If `output` holds another run, the loss is not finite, the disk
            is full, or another worker is lost or does not start within ten minutes.
    """
    timings = Timings()
    job = prepare(
        name,
        dataset=dataset,
        epochs=epochs,
        batch_size=batch_size,
        strategy=strategy,
        seed=seed,
        overrides=overrides,
        mixed_precision=mixed_precision,
        deterministic=deterministic,
        recipe=recipe,
        weights=weights,
        freeze=freeze,
    )
    spec, recipe, data, devices = job.spec, job.recipe, job.data, job.devices
    config = {
        "name": name,
        "dataset": data.name,
        "arguments": spec.arguments | job.arguments,
        "recipe": dataclasses.asdict(recipe),
        "seeds": {"training": recipe.seed, "split": SPLIT_SEED},
        "task": spec.task,
        "monitor": recipe.monitor or tasks.get(spec.task).monitor,
        "labels": list(data.labels),
        "vocabulary": as_json(data.vocabulary),
        "strategy": strategy,
        "devices": devices.told,
        "jit": jit,
        "mixed_precision": mixed_precision,
        "deterministic": deterministic,
        "weights": None if job.start is None else str(weights or job.start.name),
        "freeze": [freeze] if isinstance(freeze, str) else list(freeze),
    }
    directory = (
        Path(output) if output else choose_folder(name, data.name, resume=resume)
    )
    with explained(devices):
        # All have chosen their folder before there is a new one.
        Workers(devices).agree(0)
    if devices.is_chief:
        open_folder(directory, config, resume=resume)
        timings.open(directory / "timings.json")
    print(f"Training {name} on {devices.told}.", file=sys.stderr)
    for sentence in broken(recipe, data):
        print(sentence, file=sys.stderr)
    with _session(directory, timings):
        with explained(devices), devices.scope():
            progress = fit(
                job.model,
                data,
                recipe,
                directory,
                devices,
                jit=jit,
                log_every=log_every,
                callbacks=callbacks,
                timings=timings,
                is_new=job.start is None,
            )
        model = job.model
        if devices.strategy is not None or mixed_precision:
            model = _plain_copy(model, spec, job.arguments)
        metrics = scores(model, data, tasks.get(spec.task))
        if devices.is_chief:
            with replacing(directory / "model.keras") as part:
                model.save(part)
            write_json(directory / "metrics.json", metrics)
    return Run(model, columns(progress.history), metrics, directory, config)


def prepare(
    name: str,
    *,
    dataset: str | Path | Dataset | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    strategy: str = "auto",
    seed: int | None = None,
    overrides: dict[str, Any] | None = None,
    mixed_precision: str | None = None,
    deterministic: bool = False,
    recipe: Recipe | str | Path | None = None,
    weights: str | Path | None = None,
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
    data = tasks.get(spec.task).prepare(data, recipe.encoding)
    inherited = {} if start is None else arguments_of(start, spec, data)
    arguments = arguments_for(spec, data, inherited | (overrides or {}))
    if deterministic:
        _insist_on_determinism()
    keras.utils.set_random_seed(recipe.seed)
    with devices.scope(), _precision(mixed_precision):
        model = create_model(spec.name, freeze=freeze, **arguments)
    model.name = name
    if start is not None:
        copy_weights(start.model, model)
    return Job(spec, recipe, data, arguments, devices, model, start)


@contextlib.contextmanager
def _session(directory: Path, timings: Timings) -> Iterator[None]:
    """Notes how a session ends, and puts a full disk into words."""
    try:
        yield
        timings.close("finished")
    except BaseException as error:
        # On a full disk the first error is the one to tell.
        with contextlib.suppress(OSError):
            timings.close("interrupted")
        if isinstance(error, OSError) and error.errno in _FULL:
            raise RunError(
                f"Cannot write to {directory}: {error.strerror}; the last checkpoint "
                "is whole. Make room and go on with --resume."
            ) from error
        raise


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


def _plain_copy(
    model: keras.Model, spec: ModelSpec, arguments: dict[str, Any]
) -> keras.Model:
    """Returns the model in `float32` on the default device, to score and to save."""
    copy = create_model(spec.name, **arguments)
    copy.set_weights(model.get_weights())
    copy.name = model.name
    return copy


def _from_file(
    path: str | Path, name: str, overrides: dict[str, Any] | None
) -> tuple[Recipe, dict[str, Any]]:
    saved = read_recipe(path)
    if saved.name != name:
        raise ArgumentError(f"{path} is a recipe for {saved.name!r}, not for {name!r}.")
    return saved.recipe, saved.overrides | (overrides or {})


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
