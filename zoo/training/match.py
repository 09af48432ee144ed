"""Does a dataset fit a model? Checked before the first step, in words."""

from typing import Any

import keras

from zoo.datasets import Dataset
from zoo.errors import ArgumentError, DatasetError
from zoo.registry import ModelSpec


def arguments_for(
    spec: ModelSpec, data: Dataset, overrides: dict[str, Any]
) -> dict[str, Any]:
    """Returns the builder's arguments that make the model fit the data.

    An architecture takes its input shape and number of classes from the data; a
    trained instance (`lenet5.mnist`) has them fixed.

    Raises:
        DatasetError: If the data is for another task, or of another kind, shape
            or number of classes.
        ArgumentError: If `overrides` contradicts the data.
    """
    _check_kind(spec, data)
    needed = {"input_shape": data.input_shape, "num_classes": data.num_classes}
    if "." in spec.name:
        fixed = {key: spec.parameters[key] for key in needed}
        _compare(fixed, needed, f"Model {spec.name!r} has", data, spec.architecture)
    given = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in overrides.items()
    }
    for key in needed.keys() & given.keys():
        if given[key] != needed[key]:
            raise ArgumentError(
                f"overrides ask for {key}={given[key]}, dataset {data.name!r} has "
                f"{needed[key]}; leave {key} out."
            )
    return needed | given


def check_match(model: keras.Model, data: Dataset) -> None:
    """Checks that a built model takes the data's samples and knows its classes.

    Raises:
        DatasetError: If it does not.
    """
    has = {
        "input_shape": tuple(model.input_shape[1:]),
        "num_classes": model.output_shape[-1],
    }
    needed = {"input_shape": data.input_shape, "num_classes": data.num_classes}
    _compare(has, needed, f"Model {model.name!r} has", data, None)


def _check_kind(spec: ModelSpec, data: Dataset) -> None:
    if spec.task != data.task:
        raise DatasetError(
            f"Model {spec.name!r} is for {spec.task}, dataset {data.name!r} for "
            f"{data.task}; `zoo list --task {data.task}` shows models for it."
        )
    if spec.input == "image" and len(data.input_shape) != 3:
        raise DatasetError(
            f"Model {spec.name!r} takes images of shape (height, width, channels); "
            f"the samples of dataset {data.name!r} have the shape {data.input_shape}. "
            "Choose another dataset, or a model such as mlp."
        )


def _compare(
    has: dict[str, Any],
    needed: dict[str, Any],
    subject: str,
    data: Dataset,
    architecture: str | None,
) -> None:
    different = [key for key in needed if has[key] != needed[key]]
    if not different:
        return
    model = ", ".join(f"{key} {has[key]}" for key in different)
    dataset = ", ".join(f"{key} {needed[key]}" for key in different)
    remedy = f"; train {architecture!r} instead" if architecture else ""
    raise DatasetError(
        f"{subject} {model}, dataset {data.name!r} has {dataset}{remedy}."
    )
