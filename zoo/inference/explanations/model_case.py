"""A sample of a model in this process, whose gradients can be computed."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers import Embedding, LogMelSpectrogram, TableEncoding
from zoo.errors import ArgumentError
from zoo.inference.explanations.case import BATCH, Case, score_name
from zoo.inference.explanations.differentiation import value_and_gradient
from zoo.inference.explanations.interception import numpy, recorded, replaced
from zoo.inference.explanations.structured import READINGS, Reading
from zoo.inference.explanations.target import Target, choose
from zoo.inference.inputs.model_input import ModelInput
from zoo.runs.own_model import LEAST, why_probabilities

# What comes out of these is differentiated, in place of token ids, cells or waveforms.
_ENTRIES = (keras.layers.Embedding, Embedding, TableEncoding, LogMelSpectrogram)


class ModelCase(Case):
    """A sample of a model.

    Gradients are with respect to the *values*: the sample itself, or where that is no
    quantity what the first layer makes of it: the embeddings of tokens, the features of
    a table with categories, the log-mel spectrogram of a sound.

    Args:
        model: Returns logits, quantities, or probabilities, of shape
            `(samples, outputs)`.
        takes: What samples are made of.
        sample: A batch of one.
        names: Of the tokens, or of the columns.
        labels: Names of the outputs.
        wanted: Name of the explained output; see `target.choose`.

    Raises:
        ArgumentError: If its outputs are no such numbers.

    Attributes:
        values: Of shape `(1, ...)`.
        baseline: What stands for the absence of everything, of the shape of `values`:
            a black picture, padding, the mean of a series, silence, the mean of the
            training data.
        maximum: Of the values of pictures, as in training; None of others.
    """

    def __init__(
        self,
        model: keras.Model,
        takes: ModelInput,
        sample: np.ndarray,
        names: Sequence[str] = (),
        labels: Sequence[str] = (),
        wanted: str | None = None,
    ) -> None:
        is_picture = takes.kind == "pictures"
        self.model, self.entry = model, None if is_picture else _entry(model)
        if self.entry is None and sample.dtype.kind in "iub":
            sample = sample.astype("float32")
        answers = numpy(model(sample, training=False))
        self.maximum = takes.pixels.largest if takes.pixels else None
        self._read: Reading | None = None
        if takes.task in READINGS:
            kind = READINGS[takes.task]
            self._read = kind(answers, labels, names, self.maximum)
        elif answers.ndim != 2:
            raise ArgumentError(
                f"{takes.name!r} answers with an array of shape {answers.shape[1:]} for"
                " a sample; what is explained is one number of a vector."
            )
        foreign = takes.task is None and answers.shape[1] > 1
        self._is_share = foreign and bool(why_probabilities(model, answers))
        if self._read is not None:
            target = self._read.target(wanted)
        else:
            index, name = choose(answers[0], labels, takes.task, wanted)
            score = score_name(takes.task, is_share=self._is_share)
            target = Target(index, name, score)
        super().__init__(takes, sample, names, target)
        self.values = self._at_entry(sample)
        self.baseline = self._baseline()

    def answers(self, samples: np.ndarray) -> np.ndarray:
        """See `Case.answers`."""
        return numpy(self._answers(samples))

    def _answers(self, samples: Any) -> Any:
        answers = self.model(samples, training=False)
        if self._read is not None:
            return self._read(answers, samples)
        return ops.log(ops.maximum(answers, LEAST)) if self._is_share else answers

    def score(self, values: Any) -> Any:
        """Returns the explained output as a function of values.

        Args:
            values: A tensor of shape `(batch, ...)`.

        Returns:
            A tensor of shape `(batch,)`.
        """
        if self.entry is None:
            return self._answers(values)[:, self.target.index]
        return self.score_at(self.entry, values)

    def score_at(self, layer: keras.Layer, values: Any) -> Any:
        """Returns the explained output as a function of the output of a layer."""
        samples = np.repeat(self.sample, values.shape[0], axis=0)
        with replaced(layer, values):
            return self._answers(samples)[:, self.target.index]

    def scores_of(self, values: np.ndarray) -> np.ndarray:
        """Returns the explained output for a batch of values, in parts."""
        parts = [numpy(self.score(_tensor(part))) for part in _parts(values)]
        return np.concatenate(parts).astype("float64")

    def gradients(self, values: np.ndarray) -> np.ndarray:
        """Returns the gradient of the explained output at each of some values."""
        found = [value_and_gradient(self.score, part)[1] for part in _parts(values)]
        return np.concatenate(found)

    def sensitivity(self, gradient: np.ndarray) -> np.ndarray:
        r"""Returns the length of the gradient of each unit of the sample.

        .. math::

            s_u = \sqrt{\sum_{i \in u} g_i^2}

        Args:
            gradient: Of the shape of one of the values.
        """
        return np.sqrt(self._by_unit(np.square(gradient)))

    def contribution(self, products: np.ndarray) -> np.ndarray:
        """Returns the sum of what the parts of each unit of the sample contribute.

        Args:
            products: Of the shape of one of the values.
        """
        return self._by_unit(products)

    def _by_unit(self, values: np.ndarray) -> np.ndarray:
        """Sums over the channels, the dimensions of an embedding, or the features."""
        if isinstance(self.entry, TableEncoding):
            columns = self.entry.feature_columns()
            return np.bincount(columns, values, minlength=len(self.entry.columns))
        is_video = self.kind == "arrays" and values.ndim == 4
        if self.kind in ("pictures", "series") or is_video:
            return values.sum(axis=-1)
        if isinstance(self.entry, _ENTRIES[:2]):
            return values.sum(axis=-1)[: len(self.names) or None]
        return values

    def _at_entry(self, samples: np.ndarray) -> np.ndarray:
        if self.entry is None:
            return samples.astype("float32")
        with recorded(self.entry) as outputs:
            self.model(samples, training=False)
        found = outputs[self.entry.name]
        if len(found) != 1:
            raise ArgumentError(
                f"Layer {self.entry.name!r} is called {len(found)} times for a sample "
                "of the model, so its gradients are no explanation."
            )
        return numpy(found[0])

    def _baseline(self) -> np.ndarray:
        values = self.values
        if isinstance(self.entry, _ENTRIES[:2]):
            return self._at_entry(np.zeros_like(self.sample))
        if isinstance(self.entry, LogMelSpectrogram):
            return np.full_like(values, values.min())
        if self.kind == "series":
            return np.broadcast_to(values.mean(axis=1, keepdims=True), values.shape)
        measured = self.takes.statistics
        if self.kind == "rows" and self.entry is None and measured is not None:
            mean = np.nan_to_num(measured.mean).astype("float32")
            return np.broadcast_to(mean, values.shape)
        return np.zeros_like(values)


def _entry(model: keras.Model) -> Any:
    """The layer whose output is differentiated, if it is not the input."""
    layers = model._flatten_layers(include_self=False)
    return next((layer for layer in layers if isinstance(layer, _ENTRIES)), None)


def _parts(values: np.ndarray) -> list[np.ndarray]:
    found = np.ascontiguousarray(values, "float32")
    return [found[start : start + BATCH] for start in range(0, len(found), BATCH)]


def _tensor(values: np.ndarray) -> Any:
    return ops.convert_to_tensor(values)
