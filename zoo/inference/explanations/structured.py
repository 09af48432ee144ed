"""Answers that are no vector of classes or quantities, read as one.

Each reading makes of the answers for some samples an array of shape `(samples,
outputs)`, and names one of the outputs, as `--target` does: `PLACE` or `PLACE:NAME`,
the place counted from 1.
"""

import abc
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from custom_layers.layers import decode_boxes
from zoo.datasets.captions import words_of
from zoo.errors import ArgumentError, UnknownNameError
from zoo.inference.explanations.target import Target
from zoo.tasks.detection import detections

_BOX = 4  # numbers of a box


class Reading(abc.ABC):
    """How the answers for a task become numbers.

    Args:
        answers: For the explained sample, of shape `(1, ...)`.
        labels: Names of the classes, tags or words.
        names: Of the tokens of the sample.
        maximum: Of the values of pictures, in training; None where it is not known.
    """

    def __init__(
        self,
        answers: np.ndarray,
        labels: Sequence[str],
        names: Sequence[str],
        maximum: float | None,
    ) -> None:
        self.answers, self.labels = answers, list(labels)
        self.names, self.maximum = list(names), maximum

    def __call__(self, answers: Any, samples: Any) -> Any:
        """Returns the outputs, of shape `(samples, outputs)`."""
        return _flat(answers)

    @abc.abstractmethod
    def target(self, wanted: str | None) -> Target:
        """Returns the output that is explained.

        Raises:
            ArgumentError: If the answer holds nothing to explain.
            UnknownNameError: If it has no such place or name.
        """


class Tags(Reading):
    """The logit of a tag, at a token."""

    def target(self, wanted: str | None) -> Target:
        """Returns that of the predicted tag at the first token, without `wanted`."""
        place, name = _parsed(wanted, len(self.names), "token")
        tags = self.answers[0, place].argmax()
        index = _index(name, self.labels, int(tags))
        flat = place * self.answers.shape[-1] + index
        return Target(flat, f"{place + 1}:{self.labels[index]}", "logit of")


class Words(Reading):
    r"""The logarithm of the probability of a word, at a place of the caption.

    The decoder reads the expected embedding of the word before, so that this is a
    function of the picture that has a gradient.
    """

    def __call__(self, answers: Any, samples: Any) -> Any:
        """Returns logarithms of probabilities."""
        return _flat(answers - ops.logsumexp(answers, axis=-1, keepdims=True))

    def target(self, wanted: str | None) -> Target:
        """Returns that of the first word that was written, without `wanted`."""
        ids = self.answers[0].argmax(axis=-1)
        written = len(words_of(ids, self.labels))
        if not written:
            raise ArgumentError("The model writes no word for this; nothing is left.")
        place, name = _parsed(wanted, written, "word")
        index = _index(name, self.labels, int(ids[place]))
        flat = place * self.answers.shape[-1] + index
        return Target(flat, f"{place + 1}:{self.labels[index]}", "log probability of")


class Boxes(Reading):
    """The logit of a class, at the anchor of a detection."""

    def __call__(self, answers: Any, samples: Any) -> Any:
        """Returns the logits of all anchors."""
        return _flat(answers[..., 2 * _BOX :])

    def target(self, wanted: str | None) -> Target:
        """Returns that of the detection with the largest score, without `wanted`."""
        found = np.asarray(detections(self.answers))[0]
        count = int((found[:, _BOX] > 0).sum())
        if not count:
            raise ArgumentError(
                "The model finds nothing in this; what is explained is a box that it "
                "finds."
            )
        place, name = _parsed(wanted, count, "box")
        index = _index(name, self.labels, int(found[place, _BOX + 1]))
        anchor = self._anchor(found[place])
        flat = anchor * len(self.labels) + index
        return Target(flat, f"{place + 1}:{self.labels[index]}", "logit of")

    def _anchor(self, detection: np.ndarray) -> int:
        """Finds the anchor of a detection by its box, and by its score of its class."""
        anchors = self.answers[0, :, :_BOX]
        boxes = decode_boxes(self.answers[0, :, _BOX : 2 * _BOX], anchors)
        logits = self.answers[0, :, 2 * _BOX + int(detection[_BOX + 1])]
        scores = ops.convert_to_numpy(ops.sigmoid(logits))
        off = np.abs(ops.convert_to_numpy(boxes) - detection[:_BOX]).max(axis=1)
        return int((off + np.abs(scores - detection[_BOX])).argmin())


class ReconstructionError(Reading):
    r"""How far the reconstruction is from the sample.

    .. math::

        f(x) = \frac{1}{n} \sum_i \big(r_i(x) - x_i\big)^2
    """

    def __call__(self, answers: Any, samples: Any) -> Any:
        """Returns the error of each sample, `(samples, 1)`."""
        x = ops.cast(samples, "float32") / self.maximum
        off = ops.square(ops.cast(answers, "float32") - x)
        return ops.mean(_flat(off), axis=1, keepdims=True)

    def target(self, wanted: str | None) -> Target:
        """Returns the error, all there is."""
        if self.maximum is None:
            raise ArgumentError(
                "What is explained is the reconstruction of pictures, of which it is "
                "known what is scaled to 1."
            )
        _index(wanted, ["error"], 0)
        return Target(0, "error", "mean squared")


READINGS: dict[str, type[Reading]] = {
    "tagging": Tags,
    "captioning": Words,
    "detection": Boxes,
    "reconstruction": ReconstructionError,
}


def _flat(answers: Any) -> Any:
    return ops.reshape(answers, (answers.shape[0], -1))


def _parsed(wanted: str | None, count: int, what: str) -> tuple[int, str | None]:
    """Splits `PLACE:NAME`, and returns the place from 0."""
    number, _, name = ("1" if wanted is None else wanted).partition(":")
    if not number.isdecimal() or not 1 <= int(number) <= count:
        raise UnknownNameError(
            f"Unknown target {wanted!r}: give the place of a {what}, 1 to {count}, or "
            "PLACE:NAME for the name of another class."
        )
    return int(number) - 1, name or None


def _index(wanted: str | None, names: list[str], default: int) -> int:
    if wanted is None:
        return default
    if wanted not in names:
        raise UnknownNameError.of("target", wanted, names, "Give one of these.")
    return names.index(wanted)
