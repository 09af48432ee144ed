"""What gives answers: a model, an artifact or a server."""

import abc
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.text_encoder import TextEncoder


class Answerer(abc.ABC):
    """Computes named outputs of samples.

    Attributes:
        takes: What samples are made of.
        labels: Names of the classes in the order of their ids; one that is not known
            is its id, and there are none without classes.
        targets: Names of the quantities that are predicted, where they are known.
        encoder: Of texts, where they are encoded before the model.
    """

    takes: ModelInput
    labels: Sequence[str] = ()
    targets: Sequence[str] = ()
    encoder: TextEncoder | None = None

    @abc.abstractmethod
    def outputs(self, samples: Any) -> Mapping[str, np.ndarray]:
        """Computes the outputs of samples.

        Args:
            samples: An array of shape (samples, ...), a list of texts, or a list of
                sentences, which are lists of tokens.

        Returns:
            Arrays of shape (samples, ...) by name.
        """

    def close(self) -> None:
        """Frees what it holds."""
        return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def outputs_of(answerer: Answerer, batch: Batch) -> Mapping[str, Any]:
    """Computes the outputs of a batch by name.

    Arrays of one shape are answered together.

    Returns:
        Arrays of shape (samples, ...); where the shapes of the samples differ, lists of
        arrays in the order of the samples.
    """
    samples = batch.samples
    if isinstance(samples, np.ndarray) or not isinstance(samples[0], np.ndarray):
        return answerer.outputs(samples)
    by_shape: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for place, sample in enumerate(samples):
        by_shape[sample.shape].append(place)
    found: dict[str, list[Any]] = defaultdict(lambda: [None] * len(samples))
    for places in by_shape.values():
        outputs = answerer.outputs(np.stack([samples[place] for place in places]))
        for name, values in outputs.items():
            for place, value in zip(places, values, strict=True):
                found[name][place] = value
    return {name: _stacked(values) for name, values in found.items()}


def _stacked(values: list[Any]) -> Any:
    is_even = len({np.shape(value) for value in values}) == 1
    return np.stack(values) if is_even else values
