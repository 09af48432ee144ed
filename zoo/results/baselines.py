"""The simple methods of the field, on the same splits as the models.

`python -m zoo.results.baselines [PATTERN]` computes them for the records whose name
matches and writes `baselines.json` beside this file; `python -m zoo.results` shows them
on the page. Each is the headline metric of its task on the test split.
"""

import fnmatch
import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path

from zoo import tasks
from zoo.datasets import Dataset, load_dataset
from zoo.files import write_json
from zoo.registry import model_spec
from zoo.results import sequence_baselines, vector_baselines
from zoo.results.record import Record, records
from zoo.tasks.captioning import commonest_sentence
from zoo.tasks.control import random_actions
from zoo.tasks.detection import usual_box

BASELINES = Path(__file__).with_name("baselines.json")

Scores = dict[str, float]


@functools.cache
def baselines() -> dict[str, Scores]:
    """Reads the baselines of each record: the test metric, by the method's name."""
    return json.loads(BASELINES.read_text())


def compute(record: Record) -> Scores:
    """Computes the baselines of a record; some tasks have none.

    Raises:
        DatasetError: If the data is missing.
    """
    if record.task not in (*_BY_TASK, "classification", "tagging"):
        return {}
    spec, task = model_spec(record.name), tasks.get(record.task)
    raw = load_dataset(record.dataset)
    if record.task == "classification":
        if raw.train.x.dtype == object:
            return sequence_baselines.sentences(raw)
        return _of_samples(record.dataset)
    if record.task == "tagging":
        return sequence_baselines.tags(raw)
    if record.task in ("reconstruction", "generation"):
        return _BY_TASK[record.task](task.encode(raw, {}))
    return _BY_TASK[record.task](task.encode(raw, spec.recipe.encoding))


# Several models share a dataset.
@functools.cache
def _of_samples(dataset: str) -> Scores:
    return vector_baselines.classes(load_dataset(dataset))


def _random_actions(data: Dataset) -> Scores:
    return {"random actions": random_actions(data).value}


def _usual_box(data: Dataset) -> Scores:
    return {"the mean box": usual_box(data).value}


def _commonest_sentence(data: Dataset) -> Scores:
    return {"the commonest sentence": commonest_sentence(data).value}


_BY_TASK: dict[str, Callable[[Dataset], Scores]] = {
    "captioning": _commonest_sentence,
    "detection": _usual_box,
    "forecasting": vector_baselines.forecasts,
    "generation": vector_baselines.independent_pixels,
    "language_modelling": sequence_baselines.characters,
    "policy_gradient": _random_actions,
    "q_learning": _random_actions,
    "reconstruction": vector_baselines.mean_sample,
    "regression": vector_baselines.quantities,
}


def main(pattern: str = "*") -> None:
    """Computes the baselines of the records that match, and keeps the others."""
    found = dict(baselines())
    for name, record in records().items():
        if fnmatch.fnmatchcase(name, pattern):
            found[name] = compute(record)
            print(name, found[name], flush=True)
    write_json(BASELINES, dict(sorted(found.items())))


if __name__ == "__main__":
    main(*sys.argv[1:])
