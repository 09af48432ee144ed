"""Collective operations of the workers of a training, between steps."""

import contextlib
from collections.abc import Iterator
from typing import Any

from zoo.errors import RunError
from zoo.machines.cluster import read_cluster
from zoo.machines.devices import Devices


class Workers:
    """Reduces flags and numbers over all workers; of one worker, they are its own.

    All must call the same methods in the same order, because each call is one
    all-reduce.

    Args:
        devices: What computes.
    """

    def __init__(self, devices: Devices) -> None:
        self.are_several = devices.name == "multiworker"
        self._replicas = devices.replicas
        if self.are_several:
            self._sum = _all_reduce_sum(devices.strategy)

    def any(self, flag: bool) -> bool:
        """Whether the flag is set on one of them at least."""
        return self._total(int(flag)) > 0 if self.are_several else flag

    def all(self, flag: bool) -> bool:
        """Whether the flag is set on each of them."""
        return not self.any(not flag)

    def agree(self, number: int) -> bool:
        """Whether all have the same number; a barrier, too."""
        if not self.are_several:
            return True
        # Each compares with itself, so that all take part in the first reduction.
        total = self._total(number)
        return self.all(total == number * self._replicas)

    def _total(self, number: int) -> int:
        return int(self._sum(number))


def _all_reduce_sum(strategy: Any) -> Any:
    import tensorflow as tf

    # One function, traced once: each new operation would wait for a new handshake.
    @tf.function(input_signature=[tf.TensorSpec((), tf.int64)], autograph=False)
    def total(number: Any) -> Any:
        numbers = strategy.run(lambda: tf.identity(number))
        return strategy.reduce(tf.distribute.ReduceOp.SUM, numbers, axis=None)

    return lambda number: total(tf.constant(number, tf.int64))


@contextlib.contextmanager
def translate_errors(devices: Devices) -> Iterator[None]:
    """Translates TensorFlow's errors when a worker is lost.

    TensorFlow notices at once where the process ended, and after ten seconds
    without a heartbeat where its machine is lost.

    Args:
        devices: What computes.

    Raises:
        RunError: In place of TensorFlow's errors of operations that workers share.
    """
    if devices.name != "multiworker":
        yield
        return
    import tensorflow as tf

    errors = tf.errors
    try:
        yield
    except (
        errors.UnavailableError,
        errors.AbortedError,
        errors.DeadlineExceededError,
        errors.InternalError,
        errors.CancelledError,
    ) as error:
        cluster = read_cluster()
        lost = cluster.lost(error.message) if cluster else []
        who = cluster.describe(lost) if cluster and lost else "Another worker"
        raise RunError(
            f"{who} no longer answers, so the training has stopped; see its output, "
            "then start all workers again with --resume."
        ) from error
