"""Trains a registered model by its recipe, into a run folder."""

import contextlib
import dataclasses
import errno
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import keras

from zoo import tasks
from zoo.datasets import Dataset
from zoo.datasets.dataset import SPLIT_SEED
from zoo.datasets.vocabulary import as_json
from zoo.errors import RunError
from zoo.files import replacing, write_json
from zoo.inference.evaluate import scores
from zoo.machines.workers import Workers, translate_errors
from zoo.registry import ModelSpec, Recipe, create_model
from zoo.runs.folder import choose_folder, open_folder
from zoo.runs.run import Run
from zoo.runs.timings import Timings
from zoo.training.assumptions import broken
from zoo.training.fit import fit
from zoo.training.history import columns
from zoo.training.job import prepare

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
    encoding: dict[str, Any] | None = None,
    jit: str = "auto",
    mixed_precision: str | None = None,
    deterministic: bool = False,
    log_every: int | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    recipe: Recipe | str | Path | None = None,
    weights: Run | str | Path | None = None,
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
        encoding: How data becomes numbers, in place of what the recipe says, such as
            `{"window": 24}`.
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
        weights: What to start from: a `Run`, a run folder, a `.keras` or `.weights.h5`
            file, or the name of a model whose weights ship. A trained instance such as
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
        encoding=encoding,
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
        "devices": devices.description,
        "jit": jit,
        "mixed_precision": mixed_precision,
        "deterministic": deterministic,
        "weights": None if job.start is None else os.fspath(weights or job.start.name),
        "freeze": [freeze] if isinstance(freeze, str) else list(freeze),
    }
    directory = (
        Path(output) if output else choose_folder(name, data.name, resume=resume)
    )
    with translate_errors(devices):
        # All have chosen their folder before there is a new one.
        Workers(devices).agree(0)
    if devices.is_chief:
        open_folder(directory, config, resume=resume)
        timings.open(directory / "timings.json")
    print(f"Training {name} on {devices.description}.", file=sys.stderr)
    for sentence in broken(recipe, data):
        print(sentence, file=sys.stderr)
    with _session(directory, timings):
        with translate_errors(devices), devices.scope():
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


def _plain_copy(
    model: keras.Model, spec: ModelSpec, arguments: dict[str, Any]
) -> keras.Model:
    """Returns the model in `float32` on the default device, to score and to save."""
    copy = create_model(spec.name, **arguments)
    copy.set_weights(model.get_weights())
    copy.name = model.name
    return copy
