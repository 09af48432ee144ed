"""Tries out loss, metrics and optimizer, so that the first step does not fail."""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import keras
import numpy as np

from custom_layers._gradients import gradient
from zoo.datasets import Dataset
from zoo.errors import ArgumentError, reason
from zoo.training.checkpoint import are_finite
from zoo.training.engine.base import compact

SAMPLES = 8  # for which loss and metrics are computed


def rehearse(
    model: keras.Model, data: Dataset, metrics: Iterable[keras.Metric]
) -> None:
    """Computes loss, metrics and an optimizer step without changing the model.

    Args:
        model: Compiled.
        data: What it will be trained on.
        metrics: Besides those of the task.

    Raises:
        ArgumentError: If one of them cannot be computed, weights overflow the loss, or
            it does not depend on the outputs.
    """
    x, y = keras.tree.map_structure(
        lambda array: keras.ops.convert_to_tensor(compact(array[:SAMPLES])),
        (data.train.x, data.train.y),
    )
    outputs = keras.tree.map_structure(
        lambda spec: keras.ops.full(spec.shape, 0.5, spec.dtype),
        model.compute_output_spec(
            keras.tree.map_structure(lambda t: keras.KerasTensor(t.shape, t.dtype), x)
        ),
    )
    with _explained(f"The loss of model {model.name!r}", f" for dataset {data.name!r}"):
        loss = model.compute_loss(x, y, outputs)
        _check_single(loss, "a loss of reduction 'none' or the like")
        _check_weight(float(loss), tuple(data.train)[2:])
        _check_gradient(model, x, y, outputs)
    for metric in metrics:
        with _explained(f"`metrics`: {metric.name}", f" for dataset {data.name!r}"):
            metric.update_state(y, outputs, sample_weight=None)  # as Keras calls it
            for value in keras.tree.flatten(metric.result()):
                _check_single(value, "a metric of each class or the like")
        metric.reset_state()
    with _explained(f"A step of optimizer {type(model.optimizer).__name__}"):
        _step(model)


def _check_single(value: Any, what: str) -> None:
    shape = keras.ops.shape(value)
    if shape:
        raise ValueError(f"it is of shape {shape} ({what}), but must be one number")


def _check_weight(loss: float, given: tuple[np.ndarray, ...]) -> None:
    """Checks that the largest sample weight does not overflow the loss."""
    largest = np.float32(np.max(given[0])) if given else np.float32(1)
    with np.errstate(over="ignore"):
        weighted = np.float32(loss) * largest
    if np.isfinite(loss) and not np.isfinite(weighted):
        raise OverflowError(
            f"a sample has a weight of {largest:.3g}, by `sample_weight` or "
            "`class_weight`; the loss, multiplied by it, is not finite"
        )


def _check_gradient(model: keras.Model, x: Any, y: Any, outputs: Any) -> None:
    """Checks that the loss depends on the outputs."""
    if model.losses or keras.backend.backend() != "tensorflow":
        return
    flat = keras.tree.flatten(outputs)

    def loss(values: list[Any]) -> Any:
        return model.compute_loss(x, y, keras.tree.pack_sequence_as(outputs, values))

    if all(each is None for each in gradient(loss, flat)):
        raise ValueError(
            "it has no gradient by the outputs, so nothing would be learned"
        )


def _step(model: keras.Model) -> None:
    """A step of a copy of the optimizer, on a copy of one variable."""
    optimizer, variables = model.optimizer, model.trainable_variables
    config = optimizer.get_config()
    if not variables or "learning_rate" not in config:
        return
    if "gradient_accumulation_steps" in config:
        config["gradient_accumulation_steps"] = None  # the first step changes weights
    copy = type(optimizer).from_config(config)
    name = variables[0].name
    variable = keras.Variable(keras.ops.ones(variables[0].shape), name=name)
    copy.apply([keras.ops.ones_like(variable.value)], [variable])
    if not are_finite([keras.ops.convert_to_numpy(variable)]):
        raise ValueError("weights of 1 are not finite after a gradient of 1")


@contextlib.contextmanager
def _explained(what: str, where: str = "") -> Iterator[None]:
    try:
        yield
    except Exception as error:  # a user's component may raise anything
        raise ArgumentError(
            f"{what} cannot be computed{where}: {reason(error)}"
        ) from error
