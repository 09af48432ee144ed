"""Which models data fits, and what they would make of it."""

import dataclasses
import json
from collections.abc import Iterable
from typing import Any

from zoo import tasks
from zoo.datasets import Dataset
from zoo.datasets.finding import Finding
from zoo.errors import DatasetError, ZooError
from zoo.registry import ModelSpec, create_model, list_models, model_spec
from zoo.tasks.compatibility import arguments_for


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fit:
    """What a model would make of data.

    Args:
        name: Of the architecture.
        task: What it would learn.
        input_shape: Of one sample as the model gets it.
        parameters: Their number.
        arguments: Of the builder, those that the data decides.
        encoding: How the data becomes arrays.
        findings: What is cut from it, or read in another way.
    """

    name: str
    task: str
    input_shape: tuple[int, ...]
    parameters: int
    arguments: dict[str, Any]
    encoding: dict[str, Any]
    findings: tuple[Finding, ...]


@dataclasses.dataclass(frozen=True)
class _Encoded:
    data: Dataset
    encoding: dict[str, Any]
    findings: tuple[Finding, ...]


class Fitting:
    """Asks models about data, which is encoded once for each way to encode it.

    Args:
        data: As `load_dataset` returns it.
    """

    def __init__(self, data: Dataset) -> None:
        self._data = data
        self._encoded: dict[str, _Encoded | DatasetError] = {}

    def fit(self, name: str) -> Fit:
        """Returns what one model would make of the data.

        Raises:
            UnknownNameError: If there is no such model.
            DatasetError: If the data does not fit it.
        """
        spec = _spec_for(name, self._data)
        encoded = self._encode(spec.task, spec.recipe.encoding)
        arguments = arguments_for(name, spec, encoded.data, {})
        return Fit(
            name=name,
            task=spec.task,
            input_shape=tuple(encoded.data.input_shape),
            parameters=create_model(name, task=spec.task, **arguments).count_params(),
            arguments=arguments,
            encoding=encoded.encoding,
            findings=encoded.findings,
        )

    def all(self) -> tuple[list[Fit], dict[str, str]]:
        """Asks every architecture.

        Returns:
            Those that fit, and by name why the others do not.
        """
        found, refused = [], {}
        for name in list_models():
            if "." in name:  # a trained instance of an architecture
                continue
            try:
                found.append(self.fit(name))
            except ZooError as error:
                refused[name] = str(error)
        return found, refused

    def _encode(self, name: str, recipe_encoding: dict[str, Any]) -> _Encoded:
        task = tasks.get(name)
        given = task.without_data(recipe_encoding)
        key = json.dumps([name, given], sort_keys=True, default=str)
        if key not in self._encoded:
            try:
                encoding = task.fit(self._data, given)
                data = task.encode(self._data, encoding)
                findings = tuple(task.losses(self._data, data, encoding))
                self._encoded[key] = _Encoded(data, encoding, findings)
            except DatasetError as error:
                self._encoded[key] = error
        found = self._encoded[key]
        if isinstance(found, DatasetError):
            raise found
        return found


def _spec_for(name: str, data: Dataset) -> ModelSpec:
    spec = model_spec(name)
    return spec.serving(data.task) if data.task in spec.also else spec


def reasons(refused: dict[str, str]) -> dict[str, list[str]]:
    """Groups the models that do not fit by the reason, without their names in it.

    >>> reasons({"lenet5": "Model 'lenet5' takes images.", "vae": "Model 'vae' takes "
    ... "images.", "mlp": "No classes."})
    {'Takes images.': ['lenet5', 'vae'], 'No classes.': ['mlp']}
    """
    found: dict[str, list[str]] = {}
    for name, reason in refused.items():
        said = reason.removeprefix(f"Model {name!r} ").partition(" `zoo data ")[0]
        found.setdefault(said[:1].upper() + said[1:], []).append(name)
    return found


def cuts(fits: Iterable[Fit]) -> dict[str, list[str]]:
    """Groups the models that fit by what they cut from the data, in a sentence."""
    found: dict[str, list[str]] = {}
    for fit in fits:
        for finding in fit.findings:
            found.setdefault(str(finding), []).append(fit.name)
    return found
