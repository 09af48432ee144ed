"""Scores a trained model on the test split."""

import dataclasses
import os
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from zoo import tasks
from zoo.components import make
from zoo.config import NOT_SERIALIZED, Recipe
from zoo.datasets import Dataset, Split, load_dataset, type_of
from zoo.datasets.dataset_type import DatasetType
from zoo.datasets.picture_shape import as_taken
from zoo.datasets.storage import blocks
from zoo.errors import ArgumentError
from zoo.inference.finite import check_loss, check_weights
from zoo.inference.training_sample import training_sample
from zoo.inference.unknown_cells import warn_of_unknown_cells
from zoo.inference.word_vectors import is_vector_file, load_vectors
from zoo.keywords import takes_fields
from zoo.reading import Reading, takes_reading
from zoo.runs.imports import explain_missing
from zoo.runs.own_model import (
    Traits,
    say_probabilities,
    task_of,
    why_probabilities,
    with_logits,
)
from zoo.runs.run import Run
from zoo.runs.trained import Trained, trained, warn_of_changes, warn_of_range
from zoo.tasks import Task
from zoo.tasks.assessment import Scores, estimates_probabilities
from zoo.tasks.compatibility import check_match
from zoo.tasks.control import score
from zoo.word_vectors.figures import figures

_ROLES = ("task", "target", "features", "ignore", "categories", "group")


@takes_fields(Reading)
@takes_reading
def evaluate(
    model_or_name: keras.Model | Run | str | os.PathLike,
    dataset: str | os.PathLike | Dataset | None = None,
    **reading: Any,
) -> dict[str, float]:
    """Computes loss and metrics on the test split.

    `assess` returns what is known of each class, too.

    Args:
        model_or_name: A model, a `Run`, a run folder, a `.keras` file, or a name
            whose weights ship.
        dataset: What `zoo.load_dataset` takes, or a `Dataset`; what the model was
            trained on without it. Of word vectors, a set of pairs or questions, too:
            `wordsim353`, `simlex999`, `analogies`, or a file of such lines.
        reading: How a file is read, as in `load_dataset`: fields of
            `zoo.reading.Reading`; which columns have which role is as in the training
            if it is not given.

    Raises:
        ZooError: If model or dataset is missing, or they do not fit.
        NotFiniteError: If weights are NaN, or the loss is not finite.
    """
    return assess(model_or_name, dataset, **reading).metrics


@takes_fields(Reading)
@takes_reading
def assess(
    model_or_name: keras.Model | Run | str | os.PathLike,
    dataset: str | os.PathLike | Dataset | None = None,
    **reading: Any,
) -> Scores:
    """Computes the metrics of `evaluate`, and their details.

    The details of classes are an interval of the accuracy, precision, recall and F1 of
    each class, the confusions, calibration, and a baseline; of other tasks a baseline.
    On the data that the model was trained on, `training` holds the metrics of at most
    1,000 samples of the training split, computed as those of the test split.
    `metrics.json` of a run holds all of this, too.

    Args:
        model_or_name: As for `evaluate`.
        dataset: As for `evaluate`.
        reading: As for `evaluate`.

    Raises:
        ZooError: If model or dataset is missing, or they do not fit.
        NotFiniteError: If weights are NaN, or the loss is not finite.

    Example:

    >>> found = assess("mlp.iris")
    >>> [each["name"] for each in found.details["classes"]]
    ['setosa', 'versicolor', 'virginica']
    """
    if is_vector_file(model_or_name) and not isinstance(dataset, Dataset):
        return Scores(figures(load_vectors(model_or_name), dataset), {})
    subject = trained(model_or_name)
    check_weights(subject.model, subject.name)
    if isinstance(dataset, Dataset) and reading:
        raise ArgumentError(
            f"`{next(iter(reading))}` has no meaning for a zoo.Dataset, which is read; "
            "leave it out."
        )
    judge = None if subject.task is None else tasks.get(subject.task).figures
    if judge is not None:
        if isinstance(dataset, Dataset):
            raise ArgumentError(
                f"{subject.name!r} is judged by a file of word pairs or of analogy "
                "questions; give its path, or nothing for all there are."
            )
        return judge(subject.model, subject.vocabulary, dataset)
    data = dataset if isinstance(dataset, Dataset) else _load(subject, dataset, reading)
    data = subject.read_alike(data)
    is_own = dataset is None or str(dataset) == subject.dataset
    task = tasks.get(subject.task or data.task)
    data = task.encode(data, subject.encoding)
    check_match(subject.model, data)
    warn_of_range(subject, data.name, data.test.x)
    if data.columns:
        warn_of_unknown_cells(data)
    if dataset is None:
        warn_of_changes(subject, data)
    if subject.task is None and data.labels:
        subject.model = _with_logits(subject.model, data)
    held = subject.origin.get("recipe", {})
    more = [
        make("metric", metric)
        for metric in held.get("metrics", ())
        if metric[1] != NOT_SERIALIZED
    ]
    are_probable = estimates_probabilities(held.get("loss"))
    if subject.own is None:
        task, model, plain = task.of(data), subject.model, None
    else:
        task = task_of(task.name, Recipe(**held), more, data)
        model, plain = subject.own, subject.model
    with np.errstate(invalid="ignore", over="ignore"):  # check_loss reports it
        found = scores(
            model, data, task, more, plain, are_probable=are_probable, is_own=is_own
        )
    check_loss(found.metrics, subject.name)
    return found


def _with_logits(model: keras.Model, data: Dataset) -> keras.Model:
    """A model that nothing is known of, with logits if it answers with probabilities.

    Its loss would be another one: the softmax of a softmax.
    """
    reason = why_probabilities(model, model.predict(data.test.x[:8], verbose=0))
    if not reason:
        return model
    say_probabilities(model, reason)
    return with_logits(model, Traits(True, False, data.input_shape, "float32"))


def scores(
    model: keras.Model,
    data: Dataset,
    task: Task,
    more: Iterable[keras.Metric] = (),
    plain: keras.Model | None = None,
    *,
    are_probable: bool = True,
    is_own: bool = True,
) -> Scores:
    """Returns loss, metrics and details of a model on the test split.

    Among the details are, as `training`, the metrics of a sample of the training split,
    see `training_sample`.

    Args:
        model: Trained.
        data: As its task prepared it.
        task: For this data, with its loss, by which models can be compared whatever
            they were trained with, and its metrics.
        more: Further metrics.
        plain: The same model answering as one of the zoo's does, if it is another.
        are_probable: Whether the softmax of logits estimates probabilities.
        is_own: Whether this is the data that the model was trained on.
    """
    more = list(more)
    metrics, details = _measured(model, data, task, more, plain, are_probable)
    metrics |= {} if task.policy else task.more_scores(model, data)
    seen = training_sample(data) if is_own and task.policy is None else None
    if seen is not None:
        found, _ = _measured(model, seen, task, more, plain, are_probable)
        training = {"samples": len(seen.test.x), "metrics": found}
        details = details | {"training": training}
    baseline = task.baseline(data)
    if baseline is not None:
        details = details | {"baseline": dataclasses.asdict(baseline)}
    return Scores(metrics, details)


def _measured(
    model: keras.Model,
    data: Dataset,
    task: Task,
    more: Iterable[keras.Metric],
    plain: keras.Model | None,
    are_probable: bool,
) -> Scores:
    if task.policy is not None:
        return score(task.policy(plain or model), data)
    split = data.test
    logits = _outputs(model, split)
    loss = task.wrap_loss(make("loss", task.loss))
    metrics = {"loss": float(loss(split.y, logits))}
    for metric in [*task.metrics(), *more]:
        metric.reset_state()
        metric.update_state(split.y, logits)
        metrics[metric.name] = float(metric.result())
    outputs = logits if plain in (None, model) else _outputs(plain, split)
    further, details = task.assess(outputs, data, are_probable=are_probable)
    return Scores(metrics | further, details)


def _outputs(model: keras.Model, split: Split) -> np.ndarray:
    parts = [model.predict(x, batch_size=256, verbose=0) for x in blocks(split.x)]
    return np.concatenate(parts)


def _has_group(
    kind: DatasetType, dataset: str | os.PathLike, reading: dict[str, Any]
) -> bool:
    """Whether the column of the groups of the training, if any, is in a table."""
    if "group" not in reading or kind.columns is None:
        return True
    return reading["group"] in [column.name for column in kind.columns(dataset)]


def _load(
    subject: Trained, dataset: str | os.PathLike | None, given: dict[str, Any]
) -> Dataset:
    chosen = dataset or subject.dataset
    if chosen is None:
        raise ArgumentError(
            f"It is not known what {subject.name!r} was trained on; name a dataset."
        )
    kept = subject.reading
    if dataset is not None:
        dataset_type = type_of(dataset)
        takes = () if dataset_type is None else dataset_type.options
        shape = getattr(subject.model, "input_shape", ())
        kept = {
            k: v for k, v in kept.items() if k in (*_ROLES, "fit") and k in takes
        } | as_taken(dataset, tuple(shape[1:]))
        if dataset_type is not None and not _has_group(dataset_type, dataset, kept):
            del kept["group"]
    with explain_missing(subject.imports):
        return load_dataset(chosen, **kept | given)
