"""Prepares a user's own model for training: builds it, infers its traits, checks it."""

import dataclasses
from typing import Any

import keras
import numpy as np

from zoo import messages
from zoo.config import Recipe
from zoo.datasets import Dataset
from zoo.errors import ArgumentError, DatasetError, reason
from zoo.machines.devices import Devices
from zoo.runs.own_model import (
    Traits,
    last_activation,
    say_probabilities,
    why_probabilities,
    with_logits,
)
from zoo.tasks import Task
from zoo.training.engine.base import compact

SAMPLES = 8  # that a model is called on before it is trained
# What fixes the size of the outputs, in this order of precedence.
_SIZES = {
    "num_classes": "classes",
    "horizon": "values to forecast",
    "vocabulary_size": "tokens in its vocabulary",
}


def guess_task(model: keras.Model, data: Dataset) -> str:
    """Returns the task of the dataset, and prints that it is used."""
    classes = f" of {data.num_classes} classes" if data.labels else ""
    messages.warn(
        f"Model {model.name!r} is trained for {data.task}, the task of dataset "
        f"{data.name!r}{classes}; set `task` for another."
    )
    return data.task


def answers_of(model: keras.Model, data: Dataset, task: Task) -> np.ndarray:
    """Returns the outputs of a model for a few samples; builds it if it is not built.

    Args:
        model: The model.
        data: Encoded by the task.
        task: Task of the model.

    Raises:
        ArgumentError: If the model has several outputs, or cannot be saved.
        DatasetError: If it does not take the samples, or its outputs do not fit.
    """
    answers = np.asarray(_answers(model, data))
    _check_saving(model)
    _check_size(model, answers, data, task)
    return answers


def is_binary(answers: np.ndarray, data: Dataset) -> bool:
    """Whether a model has a single output for two classes."""
    is_one = answers.ndim == 2 and answers.shape[-1] == 1
    return is_one and data.num_classes == 2


def traits_of(
    model: keras.Model, answers: np.ndarray, data: Dataset, loss: Any
) -> Traits:
    """Infers whether a model returns logits or probabilities, and prints a guess.

    Args:
        model: The model.
        answers: Its outputs for a few samples.
        data: Encoded by its task.
        loss: Name and arguments of its loss, or `None`.
    """
    from_logits = None if loss is None else loss[1].get("from_logits")
    why = why_probabilities(model, answers) if data.labels else ""
    if from_logits is not None:
        probabilities = not from_logits
    else:
        probabilities = bool(why)
        if probabilities:
            say_probabilities(model, why)
    dtype = "float32" if data.vocabulary is None else "int32"
    binary = is_binary(answers, data)
    return Traits(probabilities, binary, tuple(data.input_shape), dtype)


def completed(recipe: Recipe, model: keras.Model, task: Task, traits: Traits) -> Recipe:
    """Completes a recipe by the loss and the metrics that fit a model's outputs.

    Raises:
        ArgumentError: If the task has no loss for them.
    """
    changes: dict[str, Any] = {}
    if recipe.loss is None:
        changes["loss"] = _loss(model, task, traits)
    if traits.is_binary and not recipe.metrics:
        threshold = 0.5 if traits.probabilities else 0.0
        arguments = {"name": "accuracy", "threshold": threshold}
        changes["metrics"] = (("BinaryAccuracy", arguments),)
    return dataclasses.replace(recipe, **changes)


def check_outputs(model: keras.Model, task: Task, traits: Traits) -> None:
    """Checks that the model supports the named outputs of the task.

    Raises:
        ArgumentError: If it does not.
    """
    try:
        task.outputs(with_logits(model, traits))
    except Exception as error:  # a task may raise anything for an unsuitable model
        raise ArgumentError(
            f"Model {model.name!r} lacks what {task.name} needs for its exported "
            f"outputs: {reason(error)}"
        ) from error


def call(model: keras.Model, x: Any) -> Any:
    """Calls a model in inference mode."""
    return model(x, training=False) if model._call_has_training_arg else model(x)


def copied(model: keras.Model, samples: np.ndarray, devices: Devices) -> keras.Model:
    """Copies a model onto several devices.

    Raises:
        ArgumentError: If it cannot be rebuilt from its configuration.
    """
    try:
        with devices.scope():
            copy = type(model).from_config(model.get_config())
            call(copy, keras.ops.convert_to_tensor(compact(samples[:1])))
    except (TypeError, ValueError, NotImplementedError) as error:
        raise ArgumentError(
            f"Model {model.name!r} cannot be copied to {devices.description}: "
            f"{reason(error)}; give its class get_config and from_config, or "
            "train with strategy='cpu' or 'gpu'."
        ) from error
    copy.set_weights(model.get_weights())
    copy.name = model.name
    return copy


def _answers(model: keras.Model, data: Dataset) -> Any:
    was_built, shape = model.built, data.input_shape
    samples = keras.ops.convert_to_tensor(compact(data.train.x[:SAMPLES]))
    try:
        answers = call(model, samples)
    except Exception as error:  # a model may raise anything for a wrong shape
        remedy = "" if was_built else "; build it, or give it an Input"
        raise DatasetError(
            f"Model {model.name!r} does not take the samples of dataset {data.name!r}, "
            f"of shape {shape}: {reason(error)}{remedy}"
        ) from error
    if not was_built:
        messages.warn(
            f"Model {model.name!r} was not built; it now is, for the samples of "
            f"dataset {data.name!r}, of shape {shape}."
        )
    if isinstance(answers, dict | list | tuple):
        raise ArgumentError(
            f"Model {model.name!r} has several outputs; only one is supported."
        )
    return answers


def _check_saving(model: keras.Model) -> None:
    try:
        model.get_config()
    except (NotImplementedError, TypeError, ValueError) as error:
        raise ArgumentError(
            f"Model {model.name!r} could not be saved: {reason(error)}; give its "
            "class a get_config."
        ) from error


def _check_size(
    model: keras.Model, answers: np.ndarray, data: Dataset, task: Task
) -> None:
    needed = task.fixed_by_data(data)
    key = next((key for key in _SIZES if key in needed), None)
    if key is None:
        return
    # One sigmoid unit is enough for two classes.
    allowed = {needed[key], 1} if is_binary(answers, data) else {needed[key]}
    what = "targets" if data.targets else _SIZES[key]
    if answers.shape[-1] not in allowed:
        raise DatasetError(
            f"Model {model.name!r} has outputs of size {answers.shape[-1]}, dataset "
            f"{data.name!r} has {needed[key]} {what}; give its last layer "
            "that many units."
        )


def _loss(model: keras.Model, task: Task, traits: Traits) -> tuple[str, dict[str, Any]]:
    name, arguments = task.loss
    if traits.is_binary:
        return "BinaryCrossentropy", {"from_logits": not traits.probabilities}
    if not traits.probabilities:
        if "from_logits" in arguments and last_activation(model) == "sigmoid":
            raise ArgumentError(
                f"Model {model.name!r} ends in a sigmoid for each class: compile it "
                "with its loss, or give a `loss`."
            )
        return name, arguments
    if "from_logits" not in arguments:
        raise ArgumentError(
            f"Model {model.name!r} returns probabilities, but {name} takes logits; "
            "leave the softmax out, or compile the model with its loss."
        )
    return name, arguments | {"from_logits": False}
