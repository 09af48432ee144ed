"""Base class of the engines of both backends."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

from zoo.datasets import Split
from zoo.datasets.storage import computed_dtype
from zoo.machines.devices import Devices
from zoo.training.engine import metrics

EVALUATION_BATCH = 256


class Order(NamedTuple):
    """Indices of an epoch's samples in order, padded to whole batches where needed."""

    indices: Any
    samples: int


class Outcome(NamedTuple):
    """Result of a call that runs several steps.

    Args:
        step: Number of finished steps of the epoch.
        logs: Loss and metrics, each the mean since the start of the epoch.
        finite: Whether the loss was finite in each step; the call ends after the first
            one where it was not.
    """

    step: int
    logs: dict[str, float]
    finite: bool


class BaseEngine:
    """Runs the steps of a model; `engine_for` documents the arguments.

    On a single device the last batch of an epoch may be smaller. Under a strategy,
    devices share each batch, and TPUs need a fixed size: there the last batch is
    padded with samples of weight 0.
    """

    def __init__(
        self,
        model: keras.Model,
        devices: Devices,
        *,
        batch_size: int,
        jit: bool,
        augmentation: keras.Sequential | None = None,
    ) -> None:
        self.model = model
        self.batch_size = batch_size
        self.augmentation = augmentation
        self._devices = devices
        self._pads = devices.strategy is not None
        # Each device takes an equal part.
        self._score_size = EVALUATION_BATCH // devices.replicas * devices.replicas
        # XLA does not compile the communication between replicas.
        self._jit = jit and not self._pads

    def variables(self) -> list[keras.Variable]:
        """All variables that steps update, in a fixed order."""
        model = self.model
        return [
            *model.variables,
            *model.optimizer.variables,
            *model.metrics_variables,
            *self._seeds(),
        ]

    def _seeds(self) -> list[keras.Variable]:
        """States of the random generators of the augmentation."""
        return [] if self.augmentation is None else self.augmentation.variables

    def _weights(
        self, valid: Any, size: int, count: Any, targets: Any, given: Sequence[Any]
    ) -> Any:
        """Sample weights of a batch that may be padded; see `weights`."""
        is_sum = getattr(self.model.loss, "reduction", None) == "sum"
        return weights(valid, size, count, targets, given, is_sum=is_sum)

    def _call(self, x: Any, *, training: bool) -> Any:
        """Calls the model, which may lack the argument `training`."""
        options = {"training": training} if self.model._call_has_training_arg else {}
        return self.model(x, **options)

    def _augment(self, x: Any) -> Any:
        return x if self.augmentation is None else self.augmentation(x, training=True)

    def build(self, split: Split) -> None:
        """Builds all variables before the first step."""
        few = keras.tree.map_structure(
            lambda array: keras.ops.convert_to_tensor(compact(array[:1])), tuple(split)
        )
        metrics.build(self.model, *few[:2])
        self.model.optimizer.build(self.model.trainable_variables)

    def place(self, split: Split) -> Any:
        """Copies samples and targets to the memory of each device."""
        return keras.tree.map_structure(
            lambda array: self._placed(compact(array)), tuple(split)
        )

    def copied_bytes(self, split: Split) -> int:
        """Bytes that `place` copies; a backend may share the memory of some arrays."""
        return sum(array.nbytes for array in keras.tree.flatten(tuple(split)))

    def order(self, permutation: np.ndarray) -> Order:
        """Returns the order of an epoch's samples, padded to whole batches."""
        samples = len(permutation)
        if self._pads:
            full = -(-samples // self.batch_size) * self.batch_size
            permutation = np.resize(permutation, full)
        indices = keras.ops.convert_to_tensor(permutation.astype("int32"))
        return Order(indices, samples)

    def start_means(self) -> None:
        """Resets the means of loss and metrics."""
        raise NotImplementedError

    def means(self) -> dict[str, float]:
        """Returns the means of loss and metrics since the last reset."""
        logs = self.model.get_metrics_result()
        return {name: float(value) for name, value in logs.items()}

    def train(self, data: Any, order: Order, first: int, stop: int) -> Outcome:
        """Runs the steps from `first` up to, not including, `stop` of an epoch.

        Args:
            data: Returned by `place`.
            order: Returned by `order`.
            first: Number of finished steps.
            stop: Step to stop before.

        Returns:
            The finished steps: fewer than requested if the loss is not finite.
        """
        raise NotImplementedError

    def score(self, data: Any, samples: int) -> dict[str, float]:
        """Adds all samples of a placed split to the means and returns them."""
        raise NotImplementedError

    def _placed(self, array: np.ndarray) -> Any:
        raise NotImplementedError


def compact(array: np.ndarray) -> np.ndarray:
    """Converts what no model computes in, such as float64, to what it does."""
    array = np.asarray(array)
    return array.astype(computed_dtype(array.dtype), copy=False)


def weights(
    valid: Any,
    size: int,
    count: Any,
    targets: Any,
    given: Sequence[Any] = (),
    *,
    is_sum: bool = False,
) -> Any:
    """Sample weights that give a padded batch the loss of its valid samples.

    A mean is divided by the size of the batch, padding included, a sum is not. The
    weights have as many axes as the targets, so that one counts for all pixels or
    tokens of a sample.

    Args:
        valid: 1 for each sample, 0 for padding; `None` if there is no padding.
        size: Size of the batch.
        count: Number of valid samples.
        targets: Targets of the samples.
        given: The weights of samples or tokens, if there are any.
        is_sum: Whether the loss of a batch is a sum, not a mean.
    """
    weight = given[0] if given else None
    if valid is not None:
        whole = 1.0 if is_sum else size / keras.ops.cast(count, valid.dtype)
        scaled = valid * whole
        scaled = _with_axes(scaled, 1 if weight is None else len(weight.shape))
        weight = scaled if weight is None else weight * scaled
    return None if weight is None else _with_axes(weight, len(targets.shape))


def both(valid: Any, given: Sequence[Any]) -> Any:
    """Returns the weights of samples in a metric: 0 for padding, and the given ones.

    Args:
        valid: 1 for each sample, 0 for padding; `None` if there is no padding.
        given: The weights of samples or tokens, if there are any.
    """
    if not given or valid is None:
        return given[0] if given else valid
    return given[0] * _with_axes(valid, len(given[0].shape))


def _with_axes(weight: Any, axes: int) -> Any:
    """Adds axes of size 1 until there are as many."""
    missing = axes - len(weight.shape)
    shape = (*weight.shape, *(1 for _ in range(missing)))
    return keras.ops.reshape(weight, (-1, *shape[1:])) if missing else weight
