"""Estimates memory, steps and time of a training; nothing is written."""

import dataclasses
import math
import os
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from zoo.datasets import Split
from zoo.datasets.storage import BLOCK_BYTES
from zoo.machines.memory import peak_memory
from zoo.options import takes_options
from zoo.registry import Recipe
from zoo.training.adapt import adapt
from zoo.training.engine.base import compact
from zoo.training.engines import engine_of
from zoo.training.feed import InMemory, Streamed, feeds_for, steps_per_epoch
from zoo.training.job import Job, prepare
from zoo.training.loop import WORKERS_STEPS

TIMED_SECONDS = 1.0


@dataclasses.dataclass(frozen=True)
class Plan:
    """Estimated cost of a training.

    Args:
        name: Name of the model.
        dataset: Name of the dataset.
        samples: Number of samples of each split.
        devices: Description of the devices.
        xla: Whether XLA compiles the steps.
        parameters: Number of parameters.
        trainable: Number of trainable parameters.
        batch_size: Samples in a step.
        epochs: Maximum number of epochs.
        steps_per_epoch: Steps per epoch.
        steps: Total number of steps.
        memory: Bytes of `weights`, `optimizer`, `data` (its copy on the device) and
            `activations` (outputs of the layers for a batch, an estimate), and the
            measured `peak` of this process.
        seconds: Wall time of `compiling`, a `step`, an `epoch` and in `total`,
            estimated from `timed_steps` real steps.
        timed_steps: Number of timed steps.
    """

    name: str
    dataset: str
    samples: dict[str, int]
    devices: str
    xla: bool
    parameters: int
    trainable: int
    batch_size: int
    epochs: int
    steps_per_epoch: int
    steps: int
    memory: dict[str, int]
    seconds: dict[str, float]
    timed_steps: int


@takes_options(without=("output", "resume", "log_every"))
def plan(
    name: str | keras.Model,
    *,
    recipe: Recipe | str | os.PathLike | None = None,
    **options: Any,
) -> Plan:
    """Estimates memory and time of `train` with the same arguments.

    A few steps are run to time them; their updates are discarded.

    Args:
        name: As for `train`.
        recipe: As for `train`.
        {options}

    Raises:
        ZooError: If an argument or the data does not fit.
    """
    job = prepare(name, recipe=recipe, **options)
    model, data, devices = job.model, job.data, job.devices
    weights = model.get_weights()
    batch_size, epochs = job.recipe.batch_size, job.recipe.epochs
    splits = {part: getattr(data, part) for part in ("train", "validation", "test")}
    steps = steps_per_epoch(data, job.recipe)
    xla = bool(model.jit_compile)
    with devices.scope():
        if job.is_new:
            adapt(model, data)
        engine = engine_of(model, data, job.recipe, devices, job.augmentation)
        engine.build(data.train)
        feed, validation = feeds_for(engine, data, job.recipe)
        compiling, step, timed = _time_steps(job, feed, steps)
        scored = validation.score if validation.samples else dict
        first, again = _seconds(scored), _seconds(scored)
    model.set_weights(weights)
    epoch = steps * step + again
    compiling += max(first - again, 0.0)
    return Plan(
        name=job.config.name,
        dataset=data.name,
        samples={part: len(split.y) for part, split in splits.items()},
        devices=devices.description,
        xla=xla,
        parameters=model.count_params(),
        trainable=sum(math.prod(v.shape) for v in model.trainable_variables),
        batch_size=batch_size,
        epochs=epochs,
        steps_per_epoch=steps,
        steps=steps * epochs,
        memory={
            "weights": _bytes(model.variables),
            "optimizer": _bytes(model.optimizer.variables),
            "data": _copied(data.train, feed) + _copied(data.validation, validation),
            "activations": batch_size * _activations(model),
            "peak": peak_memory(),
        },
        seconds={
            "compiling": compiling,
            "step": step,
            "epoch": epoch,
            "total": compiling + epochs * epoch,
        },
        timed_steps=timed,
    )


def _time_steps(
    job: Job, feed: InMemory | Streamed, steps: int
) -> tuple[float, float, int]:
    """Returns seconds of compiling, seconds per step, and the number of timed steps."""
    feed.begin(job.recipe.seed, 0)
    compiling = _seconds(lambda: feed.train(0, 1))
    if job.devices.name == "multiworker":
        # All workers must run the same number of steps, so it cannot depend on time.
        count = min(WORKERS_STEPS, steps)
        return compiling, _seconds(lambda: feed.train(0, count)) / count, count
    done, taken, count = 0, 0.0, 1
    while taken < TIMED_SECONDS:
        first = done % steps
        count = min(2 * count, steps - first)
        start = time.monotonic()
        outcome = feed.train(first, first + count)
        taken += time.monotonic() - start
        done += outcome.step - first
        if not outcome.finite:
            break
    return compiling, taken / done, done


def _seconds(action: Callable[[], Any]) -> float:
    start = time.monotonic()
    action()
    return time.monotonic() - start


def _copied(split: Split, feed: InMemory | Streamed) -> int:
    """Bytes of the samples that a feed keeps in device memory."""
    if isinstance(feed, Streamed):
        return BLOCK_BYTES
    arrays = keras.tree.flatten(tuple(split))
    return sum(array.size * compact(array[:1]).itemsize for array in arrays)


def _bytes(variables: list[keras.Variable]) -> int:
    return sum(np.asarray(variable).nbytes for variable in variables)


def _activations(model: keras.Model) -> int:
    """Bytes of the layers' outputs for one sample, kept for the backward pass."""
    shapes = [
        tensor.shape[1:]
        for layer in model.layers
        for node in layer._inbound_nodes
        for tensor in node.output_tensors
    ]
    # Axes of unknown length, such as time, count as 1.
    numbers = sum(math.prod(n or 1 for n in shape) for shape in shapes)
    return numbers * (4 if model.compute_dtype == "float32" else 2)
