"""Trained models, from an object, a name, a run folder or a file."""

import dataclasses
import os
import re
import shlex
from pathlib import Path
from typing import Any

import keras
import numpy as np

from zoo import messages, tasks, weights
from zoo.datasets import Dataset
from zoo.datasets.fingerprint import describe_changes, fingerprint_split
from zoo.datasets.input_column import InputColumn
from zoo.datasets.table_columns import matched
from zoo.datasets.vocabulary import Vocabulary, from_json
from zoo.errors import UnknownNameError, WeightsError, nearest
from zoo.input_statistics import InputStatistics, parse
from zoo.reading import given_reading
from zoo.registry import create_model, list_models, model_spec, registered_name
from zoo.runs.artifacts import is_artifact, refusal
from zoo.runs.imports import explain_missing
from zoo.runs.measured_layers import statistics_of_layers
from zoo.runs.own_model import Traits, with_logits
from zoo.runs.reading import read_config
from zoo.runs.run import Run
from zoo.runs.summary import RUNS, run_folders

MODEL = "model.keras"
CONFIG = "config.json"
_AUTOMATIC = re.compile(r"(sequential|functional|model)(_\d+)?")


@dataclasses.dataclass
class Trained:
    """A trained model with its metadata.

    Args:
        model: The model with trained weights.
        name: The name that it is published under.
        task: Name in `zoo.tasks`; None for a model that the zoo did not make.
        dataset: Name of its dataset, where that is known.
        labels: Names of the classes, where they are known.
        targets: Names of the quantities that it predicts, for regression.
        encoding: Encoding options of its recipe.
        vocabulary: Its vocabulary, for models of text.
        origin: Recipe, command and versions, where they are known.
        imports: The files and modules that its training imported (`--import`).
        own: A model of the user's own as it was trained, where `model` returns logits
            as one of the zoo does.
        data: Fingerprint of the data that it was trained on, where it is known.
        columns: What the columns of its table hold, for models of tables.
        text_column: Name of the column of its texts, where they stood in a table.
        measured: Statistics of the inputs of its training, where they are recorded.
        largest_pixel: The largest value that pixels of its training could have, where
            that is recorded.
    """

    model: keras.Model
    name: str
    task: str | None = None
    dataset: str | None = None
    labels: tuple[str, ...] | None = None
    targets: tuple[str, ...] = ()
    encoding: dict[str, Any] = dataclasses.field(default_factory=dict)
    vocabulary: Vocabulary | None = None
    origin: dict[str, Any] = dataclasses.field(default_factory=dict)
    imports: tuple[str, ...] = ()
    own: keras.Model | None = None
    data: dict[str, Any] = dataclasses.field(default_factory=dict)
    columns: tuple[InputColumn, ...] = ()
    text_column: str | None = None
    measured: dict[str, Any] | None = None
    largest_pixel: float | None = None

    @property
    def reading(self) -> dict[str, Any]:
        """How the file of its dataset was read: arguments of `load_dataset`."""
        return given_reading(self.origin.get("recipe", {}))

    def read_alike(self, data: Dataset) -> Dataset:
        """Returns data with the vocabulary and the columns that the model knows.

        Raises:
            DatasetError: If a column of its table is missing, or is another kind.
        """
        if data.vocabulary is None:
            data = dataclasses.replace(data, vocabulary=self.vocabulary)
        return matched(data, self.columns)

    @property
    def input_statistics(self) -> InputStatistics | None:
        """Of its training: as they are recorded, or as its first layer has them."""
        if self.measured is not None:
            return parse(self.measured)
        return statistics_of_layers(self.own or self.model)


def trained(
    model_or_name: keras.Model | Run | str | os.PathLike, *, trust: bool = False
) -> Trained:
    """Loads the model that `model_or_name` names.

    Args:
        model_or_name: A model, a `Run`, a run folder, a `.keras` or `.h5` file, or a
            registered name whose weights ship.
        trust: Whether Python code within a file (a Lambda layer) may be run.

    Raises:
        UnknownNameError: If it is neither a path nor a registered name.
        WeightsError: If there are no weights, they are corrupted, or it is an exported
            artifact.
        RunError: If the run folder is damaged, or needs an import.
    """
    if isinstance(model_or_name, Run):
        return _from_config(model_or_name.model, model_or_name.config)
    if isinstance(model_or_name, keras.Model):
        return _from_model(model_or_name)
    path = Path(model_or_name)
    if not (path / CONFIG).exists() and is_artifact(path):
        raise refusal(path)
    if path.is_dir():
        return _from_run(path, trust)
    if weights.is_model_file(path):
        return _from_file(path, trust)
    wanted = str(model_or_name)
    if wanted in list_models():
        return _shipped(wanted)
    if path.name.endswith(".weights.h5"):
        raise WeightsError(
            f"{path} holds weights but no model; give it as --weights (weights=) with "
            "the name of its model."
        )
    if path.exists():
        raise WeightsError(
            f"{path} is no model: give a .keras or .h5 file, a run folder, or a name "
            "of `zoo list`."
        )
    runs = list(map(str, run_folders(RUNS)))
    if len(path.parts) > 1:
        near = f"nearest: {', '.join(nearest(wanted, runs))}; " if runs else ""
        raise UnknownNameError(
            f"There is no run, file or folder {wanted}; {near}`zoo runs` lists runs."
        )
    names = nearest(wanted, [*list_models(), *runs])
    raise UnknownNameError(
        f"No run or model {wanted!r}; nearest: {', '.join(names)}; see `zoo list` and "
        "`zoo runs`."
    )


def _from_run(path: Path, trust: bool) -> Trained:
    config = read_config(path)
    if not (path / MODEL).exists():
        command = ["zoo", "train", config["name"], "--output", str(path), "--resume"]
        raise WeightsError(
            f"The run in {path} is not finished: no {MODEL}. Go on with "
            f"`{shlex.join(command)}`."
        )
    with explain_missing(config.get("imports", ())):
        tasks.get(config["task"])
        model = weights.read_model(path / MODEL, trust=trust)
        return _from_config(model, config)


def _from_file(path: Path, trust: bool) -> Trained:
    if path.name == MODEL and (path.parent / CONFIG).is_file():
        return _from_run(path.parent, trust)
    found = _from_model(weights.read_model(path, trust=trust))
    if found.task is None and _AUTOMATIC.fullmatch(found.name):
        found.name = path.stem  # Keras made the other one up
    return found


def _from_config(model: keras.Model, config: dict[str, Any]) -> Trained:
    own = None
    if "own_model" in config:
        own, model = model, with_logits(model, Traits(**config["own_model"]))
    return Trained(
        model,
        name=config["name"],
        task=config["task"],
        dataset=config["dataset"],
        labels=tuple(config["labels"]),
        targets=tuple(config.get("targets", ())),
        encoding=config["recipe"]["encoding"],
        vocabulary=from_json(config["vocabulary"]),
        origin={k: config[k] for k in ("arguments", "recipe")},
        imports=tuple(config.get("imports", ())),
        own=own,
        data=config.get("data", {}),
        columns=tuple(map(InputColumn.from_json, config.get("columns", ()))),
        text_column=config.get("text_column"),
        measured=config.get("inputs"),
        largest_pixel=config.get("largest_pixel"),
    )


def warn_of_changes(subject: Trained, data: Dataset) -> None:
    """Says that the test split is no longer the one of the training.

    Args:
        subject: A trained model.
        data: What is found by the name of its dataset, encoded by its task.
    """
    held = {"test": subject.data["test"]} if "test" in subject.data else {}
    found = {"test": fingerprint_split(data.test)} if held else {}
    changes = describe_changes(held, found)
    if changes:
        messages.warn(
            f"{subject.dataset} is not what {subject.name!r} was trained on (it has "
            f"{changes}); the figures are of what it holds now."
        )


def describe_range(subject: Trained, x: np.ndarray) -> str:
    """Says that inputs are far from those of a model's training; nothing if not.

    Args:
        subject: A trained model.
        x: A batch of its inputs.
    """
    known = subject.input_statistics
    difference = known.difference(x) if known is not None else ""
    if not difference:
        return ""
    return (
        f"the inputs are far from those that {subject.name!r} was trained on, as in "
        f"another unit or range: {difference}"
    )


def warn_of_range(subject: Trained, name: str, x: np.ndarray) -> None:
    """Says that inputs of this name are in a range that a model does not know."""
    difference = describe_range(subject, x)
    if difference:
        messages.warn(f"{name}: {difference}.")


def _from_model(model: keras.Model) -> Trained:
    known = registered_name(model)
    return Trained(model, name=model.name, task=None if known is None else known[1])


def _shipped(name: str) -> Trained:
    model = create_model(name, pretrained=True)
    spec = model_spec(name)
    return Trained(
        model,
        name=name,
        task=spec.task,
        dataset=spec.recipe.dataset,
        labels=tuple(weights.index()[name]["labels"]),
        targets=tuple(weights.index()[name].get("targets", ())),
        encoding=spec.recipe.encoding,
        vocabulary=from_json(weights.index()[name].get("vocabulary")),
        origin={"recipe": dataclasses.asdict(spec.recipe)},
    )
