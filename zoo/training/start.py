"""Initial weights of a training that starts from a trained model."""

import os
from pathlib import Path
from typing import Any

from zoo import tasks
from zoo import weights as store
from zoo.datasets import Dataset
from zoo.errors import DatasetError, WeightsError
from zoo.registry import ModelSpec, Recipe, create_model
from zoo.runs.run import Run
from zoo.runs.trained import Trained, describe_range, trained
from zoo.weights.transfer import has_encoder


def start_from(
    spec: ModelSpec, recipe: Recipe, weights: Run | str | Path | None
) -> Trained | None:
    """Returns the trained model whose weights a training starts from, if any.

    A trained instance such as `lenet5.mnist` on other data than its own starts from its
    shipped weights.

    Args:
        spec: Spec of the model to train.
        recipe: Recipe with the requested dataset.
        weights: A `Run`, a run folder, a `.keras` or `.weights.h5` file, or the name of
            a model with shipped weights.

    Raises:
        WeightsError: If there are no such weights.
    """
    if weights is not None:
        if not isinstance(weights, str | os.PathLike):
            raise WeightsError(
                "`weights` must be a Run, a path, or the name of a model. Received: "
                f"{type(weights).__name__}"
            )
        if os.fspath(weights).endswith(".weights.h5"):
            model = create_model(spec.name, task=spec.task, weights=weights)
            return Trained(model, name=spec.name, task=spec.task)
        return trained(weights)
    if "." not in spec.name or recipe.dataset == spec.recipe.dataset:
        return None
    if spec.name not in store.index():
        raise WeightsError(
            f"No weights ship for {spec.name!r} to start from; give some with "
            f"--weights, or train {spec.architecture!r} from scratch."
        )
    return trained(spec.name)


def check_range(start: Trained, data: Dataset) -> None:
    """Refuses data in another range than that of the weights.

    Raises:
        DatasetError: If mean or deviation of the inputs is far from what they know.
    """
    difference = describe_range(start, data.train.x)
    if difference:
        raise DatasetError(
            f"{data.name}: {difference}. Bring them into that range, or measure it "
            "anew: --normalization adapt; --normalization keep goes on as it is."
        )


def arguments_of(start: Trained, spec: ModelSpec, data: Dataset) -> dict[str, Any]:
    """Returns the builder arguments of a run, except those that the data decides.

    Of another architecture with an encoder, those that the model has as well.

    Raises:
        WeightsError: If the run has another architecture.
    """
    architecture = start.name.partition(".")[0]
    arguments = start.origin.get("arguments", {})
    decided = tasks.get(spec.task).fixed_by_data(data)
    if architecture != spec.architecture and has_encoder(start.model):
        known = spec.parameters.keys() - decided.keys()
        return {key: arguments[key] for key in known & arguments.keys()}
    if architecture != spec.architecture:
        raise WeightsError(
            f"The weights to start from are those of {architecture!r}, not of "
            f"{spec.architecture!r}; train {architecture!r}, or give other weights."
        )
    return {key: value for key, value in arguments.items() if key not in decided}
