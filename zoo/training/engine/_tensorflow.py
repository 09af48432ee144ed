"""Training steps on TensorFlow: a loop inside one compiled function."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.random.seed_generator import global_seed_generator  # not public

from zoo.datasets import Split
from zoo.datasets.storage import ALIGNMENT
from zoo.machines.devices import Devices
from zoo.training.engine import metrics
from zoo.training.engine.base import BaseEngine, Order, Outcome, both


class Engine(BaseEngine):
    """Runs the steps of a model in TensorFlow's loops."""

    def __init__(self, model: keras.Model, devices: Devices, **options: Any) -> None:
        super().__init__(model, devices, **options)
        self._needs_reset = False
        self._loop = tf.function(
            self._train_all, jit_compile=self._jit, autograph=False
        )
        self._scores = tf.function(
            self._score_all, reduce_retracing=True, autograph=False
        )

    def variables(self) -> list[keras.Variable]:
        """All variables that steps update, in a fixed order.

        Layers and losses without a generator of their own draw from the one of Keras.
        """
        return [*super().variables(), global_seed_generator().state]

    def start_means(self) -> None:
        """Resets the means of loss and metrics."""
        if self._pads:
            self.model.reset_metrics()
        else:
            self._needs_reset = True

    def train(self, data: Any, order: Order, first: int, stop: int) -> Outcome:
        """Runs the steps from `first` up to, not including, `stop` of an epoch."""
        numbers = map(tf.constant, (order.samples, first, stop, self._needs_reset))
        done, finite, logs = self._loop(data, order.indices, *numbers)
        self._needs_reset = False
        return Outcome(int(done), _floats(logs), bool(finite))

    def score(self, data: Any, samples: int) -> dict[str, float]:
        """Adds all samples of a placed split to the means and returns them."""
        logs = self._scores(data, tf.constant(samples), tf.constant(self._needs_reset))
        self._needs_reset = False
        return _floats(logs)

    def copied_bytes(self, split: Split) -> int:
        """Bytes that `place` copies: those of arrays that a tensor cannot share."""
        arrays = keras.tree.flatten(tuple(split))
        if self._pads:
            return sum(array.nbytes for array in arrays)
        return sum(array.nbytes for array in arrays if not _can_share(array))

    def _placed(self, array: np.ndarray) -> Any:
        if not self._pads:
            if _can_share(array):
                return tf.experimental.dlpack.from_dlpack(array.__dlpack__())
            return tf.constant(array)
        return self._devices.strategy.experimental_distribute_values_from_function(
            lambda context: tf.constant(array)
        )

    def _train_all(
        self,
        data: Any,
        order: Any,
        samples: Any,
        first: Any,
        stop: Any,
        needs_reset: Any,
    ) -> Any:
        size = self.batch_size
        whole, rest = divmod(order.shape[0], size)

        def step(number: Any, size: int) -> Any:
            start = number * self.batch_size
            if self._pads:
                loss = self._shared_step(data, order, samples, start)
            else:
                batch = _gather(data, tf.slice(order, [start], [size]))
                loss = self._learn(batch, None, tf.constant(size))
            return number + 1, tf.math.is_finite(loss)

        self._reset(needs_reset)
        done, finite = first, tf.constant(True)
        if whole:
            done, finite = tf.while_loop(
                lambda number, finite: finite & (number < tf.minimum(stop, whole)),
                lambda number, finite: step(number, size),
                (done, finite),
            )
        if rest:
            done, finite = tf.cond(
                finite & (stop > whole),
                # A constant instead of `done`, the same number: XLA needs a static
                # start of the batch, or runs the loop in its interpreter.
                lambda: step(tf.constant(whole), rest),
                lambda: (done, finite),
            )
        return done, finite, self.model.get_metrics_result()

    def _reset(self, needs_reset: Any) -> None:
        if not self._pads:
            # Within the call: a call of its own would cost as much as several steps.
            tf.cond(needs_reset, self.model.reset_metrics, lambda: None)

    def _shared_step(self, data: Any, order: Any, samples: Any, start: Any) -> Any:
        def replica(data: Any) -> tf.Tensor:
            return self._learn(
                *self._part(data, order, samples, start, self.batch_size)
            )

        strategy = self._devices.strategy
        losses = strategy.run(replica, args=(data,))
        return strategy.reduce(tf.distribute.ReduceOp.MEAN, losses, axis=None)

    def _part(self, data: Any, order: Any, samples: Any, start: Any, size: int) -> Any:
        """This replica's part of a batch, which of it is valid, and the valid count."""
        context = tf.distribute.get_replica_context()
        share = size // self._devices.replicas
        places = start + context.replica_id_in_sync_group * share + tf.range(share)
        # Positions after the last sample are padded with other samples.
        batch = _gather(data, tf.gather(order, places % tf.shape(order)[0]))
        valid = tf.cast(places < samples, "float32")
        return batch, valid, tf.minimum(samples - start, size)

    def _learn(self, batch: Any, valid: tf.Tensor | None, count: tf.Tensor) -> Any:
        model = self.model
        x, y, *given = batch
        weight = self._weights(valid, self.batch_size, count, y, given)
        x = self._augment(x)
        with tf.GradientTape() as tape:
            outputs = self._call(x, training=True)
            # As in `fit`: an override may lack the argument `training`.
            loss = model._compute_loss(x, y, outputs, weight, training=True)
            scaled = model.optimizer.scale_loss(loss)
        trainable = model.trainable_weights
        gradients = tape.gradient(scaled, trainable)
        model.optimizer.apply_gradients(zip(gradients, trainable, strict=True))
        return self._measure(batch, outputs, loss, valid, count)

    def _measure(
        self, batch: Any, outputs: Any, loss: Any, valid: Any, count: Any
    ) -> Any:
        # Keras divides the loss of each replica by the number of replicas.
        loss = loss * self._devices.replicas
        share = tf.cast(count, "float32") / self._devices.replicas
        metrics.update(self.model, batch, outputs, loss, valid, share)
        return loss

    def _score_all(
        self, data: Any, samples: tf.Tensor, needs_reset: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        self._reset(needs_reset)
        size = self._score_size
        order = tf.range(samples)

        def score(batch: Any, valid: Any, count: Any) -> None:
            x, y, *given = batch
            weight = self._weights(valid, size, count, y, given)
            outputs = self._call(x, training=False)
            loss = self.model._compute_loss(x, y, outputs, weight, training=False)
            self._measure(batch, outputs, loss, both(valid, given), count)

        def step(start: Any) -> Any:
            if self._pads:
                self._devices.strategy.run(
                    lambda data: score(*self._part(data, order, samples, start, size)),
                    args=(data,),
                )
            else:
                stop = tf.minimum(start + size, samples)
                score(_gather(data, order[start:stop]), None, stop - start)
            return (start + size,)

        tf.while_loop(lambda start: start < samples, step, (tf.constant(0),))
        return self.model.get_metrics_result()


def _floats(logs: dict[str, tf.Tensor]) -> dict[str, float]:
    return {name: float(value) for name, value in logs.items()}


def _can_share(array: np.ndarray) -> bool:
    """Whether a tensor can have the memory of an array instead of a copy of it."""
    is_aligned = array.ctypes.data % ALIGNMENT == 0
    flags = array.flags
    is_plain = flags.c_contiguous and flags.writeable and array.dtype.kind in "iuf"
    on_cpu = not tf.config.list_logical_devices("GPU")
    return is_plain and is_aligned and array.dtype != np.float64 and on_cpu


def _gather(data: Any, chosen: tf.Tensor) -> Any:
    return keras.tree.map_structure(lambda tensor: tf.gather(tensor, chosen), data)
