"""Predictions of a trained model for files and texts of the user."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

from zoo import messages, tasks
from zoo.datasets.charset import read_lines
from zoo.datasets.picture_file import SUFFIXES
from zoo.datasets.vocabulary import padded
from zoo.errors import DatasetError
from zoo.inference import pictures
from zoo.runs.run import Run
from zoo.runs.trained import Trained, trained, warn_of_range
from zoo.tasks.sentences import TOKENS


class Prediction(NamedTuple):
    """The outputs for one sample.

    Args:
        source: The file, with a row's number where it holds several, or the text.
        outputs: By name, such as `class_ids` and `probabilities`.
        labels: Names of the classes, where they are known.
    """

    source: str
    outputs: dict[str, np.ndarray]
    labels: tuple[str, ...] = ()

    def top(self, count: int) -> list[tuple[str, float]]:
        """The most probable classes and their probabilities, the best first."""
        probabilities = np.ravel(self.outputs["probabilities"])
        best = np.argsort(-probabilities, kind="stable")[:count]
        return [
            (self.labels[i] if self.labels else str(i), float(probabilities[i]))
            for i in best
        ]


def predict(
    model_or_name: keras.Model | Run | str | os.PathLike,
    inputs: Sequence[str | os.PathLike],
    *,
    invert: bool = False,
) -> list[Prediction]:
    """Predicts for files, or for texts.

    What is done to a picture to make it fit, and what in it does not look like the
    training data, is said on standard error.

    Args:
        model_or_name: A run, its folder, a `.keras` file or a name whose weights ship.
        inputs: Pictures; `.npy` and `.json` files of a batch of samples; for a model of
            sentences, `.txt` files of a sentence a line, or sentences themselves.
        invert: Whether pictures are inverted: black becomes white.

    Raises:
        DatasetError: If an input is unreadable, or does not fit the model.
    """
    subject = trained(model_or_name)
    read = _read_text if _takes_sentences(subject) else _read_numbers
    found = [each for given in inputs for each in read(subject, given, invert)]
    labels = subject.labels or ()
    return [
        Prediction(source, outputs, labels)
        for (source, _), outputs in zip(found, _outputs(subject, found), strict=True)
    ]


def _outputs(subject: Trained, found: list) -> list[dict[str, np.ndarray]]:
    answer = _answering(subject)
    samples = [sample for _, sample in found]
    have_one_shape = len({sample.shape for sample in samples}) == 1
    batches = [np.stack(samples)] if have_one_shape else [x[None] for x in samples]
    if len(subject.model.input_shape) != 4:  # of pictures it is said one by one
        for batch in batches:
            warn_of_range(subject, found[0][0].rpartition("[")[0], batch)
    answers = [answer(batch) for batch in batches]
    return [
        {name: values[row] for name, values in found.items()}
        for found, batch in zip(answers, batches, strict=True)
        for row in range(len(batch))
    ]


def _answering(subject: Trained) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    """Returns what computes the outputs of a batch by name.

    A model of another maker is called as it is, with whatever it returns.
    """
    model = subject.model
    if subject.task is not None:
        outputs = tasks.get(subject.task).outputs(model)
        model = keras.Model(model.inputs, outputs)

    def answer(batch: np.ndarray) -> dict[str, np.ndarray]:
        found = model.predict(batch, verbose=0)
        if isinstance(found, dict):
            return found
        if isinstance(found, list | tuple):
            return {f"outputs_{i}": values for i, values in enumerate(found)}
        return {"outputs": found}

    return answer


def _takes_sentences(subject: Trained) -> bool:
    if subject.vocabulary is None:
        return False
    if subject.task != "classification":
        raise DatasetError(
            f"{subject.name} is a model for {subject.task}: see `zoo generate`, `zoo "
            "neighbours`, or serve it."
        )
    return True


def _read_text(subject: Trained, given: str | os.PathLike, invert: bool) -> list:
    vocabulary = subject.vocabulary
    tokens = TOKENS[subject.encoding.get("units", "words")]
    assert vocabulary is not None  # see `_takes_sentences`
    samples = []
    for sentence in read_sentences(str(given)):
        found = tokens(sentence)
        unknown = [word for word in found if word not in vocabulary.tokens]
        if unknown:
            listed = ", ".join(map(repr, unknown))
            messages.warn(f"{sentence!r}: the model does not know {listed}.")
        ids = padded([vocabulary.encode(found)], subject.encoding["length"])
        samples.append((sentence, ids[0]))
    return samples


def read_sentences(given: str) -> list[str]:
    """Returns the lines of a `.txt` file, or the sentence itself."""
    path = Path(given)
    if path.suffix == ".txt" and path.is_file():
        return [line for line in read_lines(path) if line.strip()]
    return [given]


def _read_numbers(subject: Trained, given: str | os.PathLike, invert: bool) -> list:
    shape = subject.model.input_shape[1:]
    measured = pictures.trained_pixels(subject.model) if len(shape) == 3 else None
    return read_samples(
        Path(given), shape, taker=subject.name, measured=measured, invert=invert
    )


def read_samples(
    path: Path,
    shape: Sequence[int | None],
    *,
    taker: str,
    measured: pictures.Pixels | None = None,
    invert: bool = False,
) -> list[tuple[str, np.ndarray]]:
    """Reads the samples of a file, and names each.

    Args:
        path: A picture, or a `.npy` or `.json` file of a batch of samples.
        shape: Of a sample as the model takes it; `None` is any size.
        taker: Name of the model.
        measured: The pixels of its training, where they are known.
        invert: Whether a picture is inverted.

    Raises:
        DatasetError: If the file is unreadable, or does not fit.
    """
    if not path.is_file():
        raise DatasetError(f"There is no file {path}.")
    if path.suffix.lower() in SUFFIXES:
        if len(shape) != 3:
            raise DatasetError(
                f"{path} is a picture; {taker} takes samples of shape {tuple(shape)}."
            )
        pixels, changes = _picture(path, shape, measured, invert)
        _tell(path, pixels, measured)
        if changes:
            messages.inform(f"{path} was {', '.join(changes)}.")
        return [(str(path), pixels)]
    batch = read_array(path)
    if len(batch.shape) == len(shape):
        batch = batch[None]
    fits = len(batch.shape) == len(shape) + 1 and all(
        own is None or own == size
        for own, size in zip(shape, batch.shape[1:], strict=True)
    )
    if not fits or batch.dtype.kind not in "biuf":
        raise DatasetError(
            f"{path} holds {batch.dtype} of shape {batch.shape}; {taker} takes "
            f"a batch of numbers, each sample of shape {tuple(shape)}."
        )
    if not len(batch):
        raise DatasetError(f"{path} holds no samples.")
    if not np.all(np.isfinite(batch)):
        raise DatasetError(f"{path} holds NaN or infinity; remove or replace them.")
    _tell(path, batch, measured)
    return [(f"{path}[{row}]", sample) for row, sample in enumerate(batch)]


def _tell(path: Path, pixels: np.ndarray, measured: pictures.Pixels | None) -> None:
    for doubt in pictures.doubts(pixels, measured) if measured else []:
        messages.warn(f"{path}: {doubt}.")


def read_array(path: Path) -> np.ndarray:
    """Reads a `.npy` or `.json` file.

    Raises:
        DatasetError: If it cannot be read.
    """
    try:
        if path.suffix == ".npy":
            return np.load(path, allow_pickle=False)
        return np.array(json.loads(path.read_text()))
    except (OSError, ValueError) as error:
        raise DatasetError(
            f"{path} is not a readable image, .npy or .json file: {error}"
        ) from error


def _picture(
    path: Path,
    shape: Sequence[int | None],
    measured: pictures.Pixels | None,
    invert: bool,
) -> tuple[np.ndarray, list[str]]:
    pixels, changes = pictures.read_picture(path, shape, invert=invert)
    if measured is not None and measured.largest != 255:
        pixels = pixels * (measured.largest / 255)
        changes.append(
            f"scaled to 0..{measured.largest:g}, the range of the training images"
        )
    return pixels, changes
