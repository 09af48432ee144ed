"""A model of the user's own: its task, and its answers as those of the zoo's models."""

import dataclasses
from collections.abc import Iterable

import keras
import numpy as np
from keras import ops
from keras.src.models.functional import Functional

from zoo import messages, tasks
from zoo.config import Recipe
from zoo.datasets import Dataset
from zoo.tasks import Task

LEAST = 1e-30  # a probability that single precision holds, so its logarithm is finite


@dataclasses.dataclass(frozen=True)
class Traits:
    """What a run folder says of a model of the user's own.

    Args:
        probabilities: Whether it answers with probabilities of classes, not logits.
        is_binary: Whether it has one answer about two classes.
        shape: Of a sample.
        dtype: Of a sample: `int32` for token ids, else `float32`.
    """

    probabilities: bool
    is_binary: bool
    shape: tuple[int, ...]
    dtype: str


def task_of(
    name: str, recipe: Recipe, metrics: Iterable[keras.Metric], data: Dataset
) -> Task:
    """Returns a task with the loss and the metrics of a model of the user's own.

    The loss is computed as it is given, whatever the unit of targets.

    Args:
        name: Of the task.
        recipe: With the loss.
        metrics: Of the recipe, in the place of the task's if there are any.
        data: Encoded by the task.
    """
    task = tasks.get(name).of(data)
    names = [metric.name for metric in metrics]
    keeps_monitor = task.monitor.removeprefix("val_") in ("loss", *names)
    return dataclasses.replace(
        task,
        loss=recipe.loss or task.loss,
        metrics=list if names else task.metrics,
        monitor=task.monitor if keeps_monitor or not names else "val_loss",
        wrap_loss=tasks.get(name).wrap_loss,
    )


def with_logits(model: keras.Model, traits: Traits) -> keras.Model:
    """Returns a functional model that answers as one of the zoo's does: with logits.

    .. math::

        \\operatorname{softmax}(\\log p) = p

    A single answer about two classes, as of a sigmoid unit, becomes one for each.

    Args:
        model: Built, of one input and one output.
        traits: Of the model.
    """
    if is_plain(model) and not (traits.probabilities or traits.is_binary):
        return model
    inputs = _input(model, traits)
    outputs = model(inputs, training=False)
    if traits.is_binary:
        opposite = 1.0 - outputs if traits.probabilities else ops.zeros_like(outputs)
        outputs = ops.concatenate([opposite, outputs], axis=-1)
    if traits.probabilities:
        outputs = ops.log(ops.maximum(outputs, LEAST))
    return keras.Model(inputs, outputs, name=model.name)


def is_plain(model: keras.Model) -> bool:
    """Whether a model is functional, and its call is that of its layers.

    A subclass that has a `call` of its own is not, nor is a Sequential model, which
    has no `output` that tasks take.
    """
    return isinstance(model, Functional) and type(model).call is Functional.call


def _input(model: keras.Model, traits: Traits) -> keras.KerasTensor:
    declared = getattr(model, "inputs", None)
    if not declared:
        return keras.Input(traits.shape, dtype=traits.dtype, name="inputs")
    (only,) = declared
    return keras.Input(only.shape[1:], dtype=only.dtype, name=only.name)


def why_probabilities(model: keras.Model, answers: np.ndarray) -> str:
    """Says why answers are taken as probabilities of classes; nothing for logits.

    Args:
        model: The model.
        answers: To a few samples.
    """
    if answers.shape[-1] == 1:
        return "they come from a sigmoid" * (last_activation(model) == "sigmoid")
    are_shares = answers.min() >= 0 and np.allclose(answers.sum(-1), 1, atol=1e-3)
    return "they are 0 or more and sum up to 1" * bool(are_shares)


def say_probabilities(model: keras.Model, reason: str) -> None:
    """Says that answers are taken as probabilities, since that is a guess."""
    messages.warn(
        f"The answers of model {model.name!r} are taken as probabilities, not logits: "
        f"{reason}."
    )


def last_activation(model: keras.Model) -> str:
    """Returns the name of the activation of the last layer."""
    layer = model.layers[-1] if model.layers else None
    name = getattr(getattr(layer, "activation", None), "__name__", "")
    return name or type(layer).__name__.lower()
