"""Explanations of the answer of a model for one sample."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np

from zoo.errors import ArgumentError, DatasetError, UnknownNameError
from zoo.inference.answers.answerer import Answerer
from zoo.inference.answers.model_answerer import ModelAnswerer
from zoo.inference.explanations.case import AnswererCase, Case
from zoo.inference.explanations.explanation import Explanation
from zoo.inference.explanations.methods import methods as all_methods
from zoo.inference.explanations.model_case import ModelCase
from zoo.inference.explanations.pictures_as_files import PicturesAsFiles, decoded
from zoo.inference.explanations.target import OF_MODELS, check_task
from zoo.inference.inputs.options import Options
from zoo.inference.inputs.reading import read
from zoo.inference.inputs.remarks import remarks
from zoo.runs.run import Run
from zoo.runs.trained import trained

_NEEDS_MODEL = (
    "{name} only answers, and this needs the model itself: give a run folder or a "
    ".keras file"
)


@dataclasses.dataclass(frozen=True)
class Explained:
    """What the methods found for one sample.

    Args:
        source: The file, with a row's number where it holds several, or the text.
        case: The sample and the output that is explained.
        explanations: By the name of the method.
        left_out: Why other methods do not apply, by their names.
    """

    source: str
    case: Case
    explanations: dict[str, Explanation]
    left_out: dict[str, str]

    @property
    def reasons(self) -> list[str]:
        """A line for each reason, with the methods that are left out for it."""
        names = {
            reason: ", ".join(k for k, v in self.left_out.items() if v == reason)
            for reason in self.left_out.values()
        }
        return [f"left out: {listed} ({reason})" for reason, listed in names.items()]

    def as_json(self) -> dict[str, Any]:
        """Returns all but pictures for a JSON file."""
        case = self.case
        return {
            "model": case.takes.name,
            "input": self.source,
            "kind": case.kind,
            "target": case.target.name,
            "output": case.target.title,
            "value": case.value,
            "names": list(case.names),
            "methods": {k: each.as_json() for k, each in self.explanations.items()},
            "left_out": self.left_out,
        }

    def save(self, folder: str | os.PathLike) -> Path:
        """Writes pictures, `explanation.json` and `explanation.html`.

        Args:
            folder: Made where it is missing; files of these names are replaced.

        Returns:
            The page. It needs no other file and no network.
        """
        from zoo.reports.explanations import write

        return write(self, Path(folder))


def explain(
    model_or_name: keras.Model | Run | str | os.PathLike,
    source: str | os.PathLike,
    *,
    target: str | None = None,
    methods: Sequence[str] | None = None,
    row: int = 1,
    invert: bool = False,
) -> Explained:
    """Explains the answer of a trained model for one sample.

    Args:
        model_or_name: A run, its folder, a `.keras` file or a name whose weights ship;
            for one of `target.TASKS`.
        source: A picture, a sound, a table, an array or a text, as `zoo predict` reads
            it.
        target: Name of the class, the quantity or the step (from 1) that is explained;
            the predicted class, or the first quantity or step, if None. Of tagging,
            captioning and detection the place of the token, the word or the box (from
            1), or `PLACE:NAME` for another tag, word or class; the first if None.
        methods: Their names; all that apply if None.
        row: Which sample, where the source holds several, from 1.
        invert: Whether a picture is inverted: black becomes white.

    Raises:
        ArgumentError: If the model answers with no such numbers, or a method that is
            named does not apply.
        DatasetError: If the source is unreadable, or does not fit the model.
        UnknownNameError: If there is no such method or target.

    Example:

    >>> found = explain("lenet5.mnist", "examples/seven.png", methods=["gradient"])
    >>> found.case.target.name, found.explanations["gradient"].attributions.shape
    ('7', (28, 28))
    """
    with remarks() as said:
        answerer = ModelAnswerer(trained(model_or_name), said)
        options = Options(invert=invert, remarks=said)
        return explain_answer(answerer, source, options, target, methods, row)


def explain_answer(
    answerer: Answerer,
    source: str | os.PathLike,
    options: Options,
    target: str | None = None,
    methods: Sequence[str] | None = None,
    row: int = 1,
) -> Explained:
    """Explains an answer, of a model or of whatever else answers.

    Args:
        answerer: Opened; of an artifact or a server, by its answers alone.
        source: As `explain` takes it.
        options: How it is read.
        target: As `explain` takes it.
        methods: As `explain` takes them.
        row: Which sample, from 1.

    Raises:
        ZooError: As `explain`.
    """
    check_task(answerer.takes.name, answerer.takes.task)
    wanted = _chosen(methods)
    name, sample = _sample(answerer, source, options, row)
    if isinstance(sample, bytes):
        answerer, sample = PicturesAsFiles(answerer), decoded(sample)
    case = _case(answerer, sample, target)
    found: dict[str, Explanation] = {}
    left_out: dict[str, str] = {}
    for key, method in wanted.items():
        if method.NEEDS_MODEL and not isinstance(case, ModelCase):
            left_out[key] = _NEEDS_MODEL.format(name=case.takes.name)
            continue
        explanation = method.explain(case)
        if explanation is None:
            left_out[key] = f"only for {method.SUBJECTS}"
        else:
            found[key] = explanation
    if left_out and methods is not None:
        key, reason = next(iter(left_out.items()))
        raise ArgumentError(f"{key} cannot be had: {reason}.")
    return Explained(name, case, found, left_out)


def _chosen(names: Sequence[str] | None) -> dict[str, ModuleType]:
    known = all_methods()
    for name in names or ():
        if name not in known:
            remedy = "Leave it out for all of them."
            raise UnknownNameError.of("method", name, known, remedy)
    return {k: v for k, v in known.items() if names is None or k in names}


def _sample(
    answerer: Answerer, source: str | os.PathLike, options: Options, row: int
) -> tuple[str, Any]:
    """Reads one sample, and what it is called."""
    before = 0
    for batch in read([source], answerer.takes, options):
        if before < row <= before + len(batch):
            place = row - 1 - before
            return batch.names[place], batch.samples[place]
        before += len(batch)
    raise DatasetError(f"{source} holds {before:,} samples; there is no row {row}.")


def _case(answerer: Answerer, sample: Any, target: str | None) -> Case:
    takes, encoder = answerer.takes, answerer.encoder
    if takes.task in OF_MODELS and not isinstance(answerer, ModelAnswerer):
        reason = _NEEDS_MODEL.format(name=takes.name)
        raise ArgumentError(f"{takes.task.capitalize()}: {reason}.")
    names: Sequence[str] = [column.name for column in takes.columns]
    batch: Any = [sample]
    if isinstance(sample, str) and encoder is not None:
        names, batch = encoder.tokens(sample), encoder([sample])
    elif isinstance(sample, str):
        names = sample.split()
    elif isinstance(sample, list | tuple) and encoder is not None:
        names, batch = sample, encoder([sample])
    elif isinstance(sample, np.ndarray):
        batch = sample[np.newaxis]
    if isinstance(answerer, ModelAnswerer):
        labels = answerer.labels or answerer.targets
        return ModelCase(answerer.model, takes, batch, names, labels, target)
    return AnswererCase(answerer, batch, names, target)
