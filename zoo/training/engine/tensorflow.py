"""Training steps on TensorFlow: a loop inside one compiled function."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from zoo.datasets import Split
from zoo.devices import Devices
from zoo.training.engine import metrics
from zoo.training.engine.outcome import Outcome

EVALUATION_BATCH = 256


class Order(NamedTuple):
    """Which sample comes when; behind the last, batches are filled up."""

    indices: tf.Tensor
    samples: int


class Engine:
    """Runs the steps of a model; `engine_for` documents the arguments.

    A device by itself takes batches as they come; the last of an epoch may be
    smaller. Under a strategy, devices share each batch, and TPUs want one size:
    there the last is filled up with samples that count for nothing.
    """

    def __init__(
        self, model: keras.Model, devices: Devices, *, batch_size: int, jit: bool
    ) -> None:
        self.model = model
        self.batch_size = batch_size
        self._devices = devices
        # XLA does not compile what several replicas say to each other.
        self._jit = jit and devices.strategy is None
        self._loop = functools.cache(self._compiled_loop)
        self._evaluation = tf.function(
            self._score_all, reduce_retracing=True, autograph=False
        )

    def variables(self) -> list[keras.Variable]:
        """Everything that steps change, in a fixed order."""
        model = self.model
        return [*model.variables, *model.optimizer.variables, *model.metrics_variables]

    def build(self, split: Split) -> None:
        """Makes the variables that the first step would make."""
        with self._devices.scope():
            x, y = _tensors(keras.tree.map_structure(lambda a: a[:1], tuple(split)))
            metrics.build(self.model, x, y)
            self.model.optimizer.build(self.model.trainable_variables)

    def place(self, split: Split) -> Any:
        """Copies samples and targets to the memory of each device."""
        strategy = self._devices.strategy
        if strategy is None:
            with self._devices.scope():
                return _tensors(tuple(split))
        return keras.tree.map_structure(
            lambda array: strategy.experimental_distribute_values_from_function(
                lambda context: _tensors(array)
            ),
            tuple(split),
        )

    def order(self, permutation: np.ndarray) -> Order:
        """Tells in which order an epoch takes the samples."""
        samples = len(permutation)
        if self._devices.strategy is not None:
            full = -(-samples // self.batch_size) * self.batch_size
            permutation = np.resize(permutation, full)
        return Order(tf.constant(permutation, tf.int32), samples)

    def start_means(self) -> None:
        """Forgets the loss and metrics so far."""
        self.model.reset_metrics()

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
        whole = len(order.indices) // self.batch_size
        rest = len(order.indices) % self.batch_size
        outcome = Outcome(first, {}, True)
        if first < whole:
            outcome = self._run(self.batch_size, data, order, first, min(stop, whole))
        if outcome.finite and stop > whole:
            outcome = self._run(rest, data, order, whole, stop)
        return outcome

    def score(self, data: Any, samples: int) -> dict[str, float]:
        """Adds all samples of what `place` returned to the means; returns these."""
        logs = self._evaluation(data, tf.constant(samples))
        return {name: float(value) for name, value in logs.items()}

    def _run(self, size: int, data: Any, order: Order, first: int, stop: int) -> Any:
        done, finite, logs = self._loop(size)(
            data,
            order.indices,
            tf.constant(order.samples),
            tf.constant(first),
            tf.constant(stop),
        )
        figures = {name: float(value) for name, value in logs.items()}
        return Outcome(int(done), figures, bool(finite))

    def _compiled_loop(self, size: int) -> Callable:
        def loop(data, order, samples, first, stop):  # noqa: ANN001, ANN202
            def one(step, finite):  # noqa: ANN001, ANN202
                loss = self._step(data, order, samples, step, size)
                return step + 1, tf.math.is_finite(loss)

            done, finite = tf.while_loop(
                lambda step, finite: finite & (step < stop), one, (first, True)
            )
            return done, finite, self.model.get_metrics_result()

        return tf.function(loop, jit_compile=self._jit, autograph=False)

    def _step(
        self, data: Any, order: tf.Tensor, samples: Any, step: Any, size: int
    ) -> tf.Tensor:
        strategy = self._devices.strategy
        if strategy is None:
            chosen = tf.slice(order, [step * self.batch_size], [size])
            return self._learn(_gather(data, chosen), None, tf.constant(size))

        def replica(data: Any) -> tf.Tensor:
            share = self.batch_size // strategy.num_replicas_in_sync
            chosen, valid = _share(order, samples, step * self.batch_size, share)
            count = tf.minimum(samples - step * self.batch_size, self.batch_size)
            return self._learn(_gather(data, chosen), valid, count)

        losses = strategy.run(replica, args=(data,))
        return strategy.reduce(tf.distribute.ReduceOp.MEAN, losses, axis=None)

    def _learn(self, batch: Any, valid: tf.Tensor | None, count: tf.Tensor) -> Any:
        """One step; `valid` marks a replica's samples, `count` is that of all."""
        model, replicas = self.model, self._devices.replicas
        x, y = batch
        weight = None
        if valid is not None:
            # Losses are divided by the size of the batch, filled up or not.
            weight = valid * (self.batch_size / tf.cast(count, valid.dtype))
        with tf.GradientTape() as tape:
            outputs = model(x, training=True)
            loss = model.compute_loss(x, y, outputs, weight, training=True)
            scaled = model.optimizer.scale_loss(loss)
        trainable = model.trainable_weights
        model.optimizer.apply(tape.gradient(scaled, trainable), trainable)
        loss = loss * replicas
        share = tf.cast(count, "float32") / replicas
        metrics.update(model, batch, outputs, loss, valid, share)
        return loss

    def _score_all(self, data: Any, samples: tf.Tensor) -> dict[str, tf.Tensor]:
        strategy, size = self._devices.strategy, EVALUATION_BATCH
        if strategy is not None:
            size = size // strategy.num_replicas_in_sync * strategy.num_replicas_in_sync
        order = tf.range(samples)

        def alone(start: Any) -> None:
            stop = tf.minimum(start + size, samples)
            self._score(_gather(data, order[start:stop]), None, stop - start)

        def together(start: Any) -> None:
            def replica(data: Any) -> None:
                share = size // strategy.num_replicas_in_sync
                chosen, valid = _share(order, samples, start, share)
                count = tf.minimum(samples - start, size)
                self._score(_gather(data, chosen), valid, count, size)

            strategy.run(replica, args=(data,))

        def one(start):  # noqa: ANN001, ANN202
            (alone if strategy is None else together)(start)
            return (start + size,)

        tf.while_loop(lambda start: start < samples, one, (tf.constant(0),))
        return self.model.get_metrics_result()

    def _score(self, batch: Any, valid: Any, count: Any, size: int = 0) -> None:
        model, replicas = self.model, self._devices.replicas
        x, y = batch
        weight = None
        if valid is not None:
            weight = valid * (size / tf.cast(count, valid.dtype))
        outputs = model(x, training=False)
        loss = model.compute_loss(x, y, outputs, weight, training=False) * replicas
        share = tf.cast(count, "float32") / replicas
        metrics.update(model, batch, outputs, loss, valid, share)


def _tensors(arrays: Any) -> Any:
    return keras.tree.map_structure(
        lambda array: tf.constant(
            array.astype("float32") if array.dtype == np.float64 else array
        ),
        arrays,
    )


def _gather(data: Any, chosen: tf.Tensor) -> Any:
    return keras.tree.map_structure(lambda tensor: tf.gather(tensor, chosen), data)


def _share(
    order: tf.Tensor, samples: tf.Tensor, start: tf.Tensor, share: int
) -> tuple[tf.Tensor, tf.Tensor]:
    """The samples of a batch that this replica takes, and which of them count."""
    context = tf.distribute.get_replica_context()
    assert context is not None
    places = start + context.replica_id_in_sync_group * share + tf.range(share)
    valid = places < samples
    # A place behind the last sample takes one that exists.
    chosen = tf.gather(order, places % tf.shape(order)[0])
    return chosen, tf.cast(valid, "float32")
