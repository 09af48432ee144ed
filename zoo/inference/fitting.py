"""Which models data fits, and what they would make of it."""

import json
from typing import Any

from zoo import tasks
from zoo.datasets import Dataset
from zoo.errors import DatasetError
from zoo.registry import ModelSpec, list_models, model_spec
from zoo.tasks.compatibility import arguments_for


def fitting(data: Dataset) -> dict[str, dict[str, Any]]:
    """Returns the architectures that take this data.

    Args:
        data: As `load_dataset` returns it.

    Returns:
        By name, the arguments of the builder that the data decides.
    """
    encoded: dict[str, Dataset | None] = {}
    found = {}
    for name in list_models():
        if "." in name:  # a trained instance of an architecture
            continue
        spec = _spec_for(name, data)
        task = tasks.get(spec.task)
        encoding = spec.recipe.encoding
        key = json.dumps([spec.task, encoding], sort_keys=True, default=str)
        try:
            if key not in encoded:
                encoded[key] = None
                encoded[key] = task.encode(data, encoding)
            prepared = encoded[key]
            if prepared is not None:
                found[name] = arguments_for(name, spec, prepared, {})
        except DatasetError:
            continue
    return found


def arguments_of(name: str, data: Dataset) -> dict[str, Any]:
    """Returns the arguments of one model's builder that the data decides.

    Raises:
        UnknownNameError: If there is no such model.
        DatasetError: If the data does not fit it.
    """
    spec = _spec_for(name, data)
    prepared = tasks.get(spec.task).encode(data, spec.recipe.encoding)
    return arguments_for(name, spec, prepared, {})


def _spec_for(name: str, data: Dataset) -> ModelSpec:
    spec = model_spec(name)
    return spec.serving(data.task) if data.task in spec.also else spec
