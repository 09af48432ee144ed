"""What the engines of both backends share."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

from zoo.datasets import Split
from zoo.machines.devices import Devices
from zoo.training.engine import metrics

EVALUATION_BATCH = 256


class Order(NamedTuple):
    """Which sample comes when; behind the last, batches are filled up."""

    indices: Any
    samples: int


class Outcome(NamedTuple):
    """The end of some steps.

    Args:
        step: Steps of the epoch that are done, counted from its start.
        logs: Loss and metrics, each the mean since the start of the epoch.
        finite: Whether the loss was finite in each step; the one where it was not
            is the last that was done.
    """

    step: int
    logs: dict[str, float]
    finite: bool


class BaseEngine:
    """Runs the steps of a model; `engine_for` documents the arguments.

    A device by itself takes batches as they come; the last of an epoch may be
    smaller. Under a strategy, devices share each batch, and TPUs want one size:
    there the last is filled up with samples that count for nothing.
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
        self._fills = devices.strategy is not None
        # Several devices take equal parts.
        self._score_size = EVALUATION_BATCH // devices.replicas * devices.replicas
        # XLA does not compile what several replicas say to each other.
        self._jit = jit and not self._fills

    def variables(self) -> list[keras.Variable]:
        """Everything that steps change, in a fixed order."""
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

    def _call(self, x: Any, *, training: bool) -> Any:
        """Calls the model, which need not take `training`."""
        options = {"training": training} if self.model._call_has_training_arg else {}
        return self.model(x, **options)

    def _augment(self, x: Any) -> Any:
        return x if self.augmentation is None else self.augmentation(x, training=True)

    def build(self, split: Split) -> None:
        """Makes the variables that the first step would make."""
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

    def order(self, permutation: np.ndarray) -> Order:
        """Tells in which order an epoch takes the samples."""
        samples = len(permutation)
        if self._fills:
            full = -(-samples // self.batch_size) * self.batch_size
            permutation = np.resize(permutation, full)
        indices = keras.ops.convert_to_tensor(permutation.astype("int32"))
        return Order(indices, samples)

    def start_means(self) -> None:
        """Forgets the loss and metrics so far."""
        raise NotImplementedError

    def means(self) -> dict[str, float]:
        """Returns loss and metrics since they were forgotten."""
        logs = self.model.get_metrics_result()
        return {name: float(value) for name, value in logs.items()}

    def train(self, data: Any, order: Order, first: int, stop: int) -> Outcome:
        """Does the steps from `first` to before `stop` of an epoch.

        Args:
            data: What `place` returned.
            order: What `order` returned.
            first: Steps that are done.
            stop: Step to stop before.

        Returns:
            How far it came: less far than asked where the loss is not finite.
        """
        raise NotImplementedError

    def score(self, data: Any, samples: int) -> dict[str, float]:
        """Adds all samples of what `place` returned to the means; returns these."""
        raise NotImplementedError

    def _placed(self, array: np.ndarray) -> Any:
        raise NotImplementedError


def compact(array: np.ndarray) -> np.ndarray:
    """Halves double precision, which no model computes in."""
    array = np.asarray(array)
    return array.astype("float32") if array.dtype == np.float64 else array


def weights(
    valid: Any, size: int, count: Any, targets: Any, given: Sequence[Any] = ()
) -> Any:
    """Weights of samples under which a batch that is filled up has the right mean.

    Losses are divided by the size of the batch, filled up or not. There is an axis for
    each of the targets', so that a weight counts for all pixels or tokens of a sample.

    Args:
        valid: 1 for each sample, 0 for each that only fills the batch up; `None` where
            all are valid.
        size: Of the batch.
        count: Number of valid samples.
        targets: Of the samples.
        given: The weights of the samples, if they have any.
    """
    weight = given[0] if given else None
    if valid is not None:
        filled = valid * (size / keras.ops.cast(count, valid.dtype))
        weight = filled if weight is None else weight * filled
    if weight is None:
        return None
    return keras.ops.reshape(weight, (-1, *(1 for _ in targets.shape[1:])))
