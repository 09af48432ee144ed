"""Early stopping."""

import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import keras
from keras import ops

from custom_layers._types import Tensor


class EarlyStopping(keras.callbacks.Callback):
    r"""Stops training when a monitored metric no longer improves.

    .. math::

        m_t < m_{\mathrm{best}} - \mathrm{min\_delta}
        \quad \text{or, for a metric to maximize,} \quad
        m_t > m_{\mathrm{best}} + \mathrm{min\_delta}

    is an improvement at epoch `t`. Training stops after `patience` epochs without
    one.

    Args:
        monitor: Name of the metric in the logs of an epoch.
        min_delta: Smallest change that counts as an improvement.
        patience: Epochs without improvement after which training stops; with 0 it
            stops at the first such epoch, from the second on.
        verbose: Whether to print messages, 0 or 1.
        mode: `"min"` to minimize the metric, `"max"` to maximize it, `"auto"` to
            infer the direction from the metric.
        baseline: Value that must be beaten, too, to reset the patience.
        restore_best_weights: Whether to end with the weights of the best epoch
            instead of the last.
        start_from_epoch: Number of warm-up epochs that are not monitored.

    Example:

    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = keras.ops.ones((4, 1))
    >>> stopping = EarlyStopping("loss", min_delta=1e9, patience=2)
    >>> len(model.fit(x, x, epochs=9, callbacks=[stopping], verbose=0).epoch)
    3

    Reference:
        Prechelt, 1998, Early stopping - but when?
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: Any = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            warnings.warn(
                "`mode` must be 'auto', 'min' or 'max'; going on with 'auto'. "
                f"Received: mode={mode}",
                stacklevel=2,
            )
            mode = "auto"
        self.monitor = monitor
        self.min_delta = abs(min_delta)
        self.patience = patience
        self.verbose = verbose
        self.mode = mode
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self.monitor_op: Any = None
        self._reset()

    def _reset(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_epoch = 0
        self.best_weights = None

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Resets the state."""
        self._reset()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Compares the epoch with the best one so far."""
        if self.monitor_op is None:
            # Not earlier: the model creates its metrics at the first batch.
            self.monitor_op = self._comparison()
        current = self.get_monitor_value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self._save_best(epoch)
        self.wait += 1
        if self._is_improvement(current, self.best):
            self.best = current
            self.best_epoch = epoch
            if self.restore_best_weights:
                self._save_best(epoch)
            if self._is_improvement(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def get_state(self) -> dict[str, Any]:
        """Returns the state that resuming a training needs."""
        best = None if self.best is None else float(self.best)
        return {
            "wait": self.wait,
            "stopped_epoch": self.stopped_epoch,
            "best": best,
            "best_epoch": self.best_epoch,
            "best_weights": self.best_weights,
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Restores a state of `get_state`, after `on_train_begin`."""
        for name, value in state.items():
            setattr(self, name, value)

    def _save_best(self, epoch: int) -> None:
        self.best_weights = self.model.get_weights()
        self.best_epoch = epoch

    def _is_improvement(self, value: Any, reference: Any) -> Tensor | bool:
        if reference is None:
            return True
        delta = -self.min_delta if self.monitor_op is ops.less else self.min_delta
        return self.monitor_op(value - delta, reference)

    def on_train_end(self, logs: dict | None = None) -> None:
        """Restores the best weights, if `restore_best_weights` is set."""
        if self.stopped_epoch > 0 and self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is None:
            return
        if self.verbose:
            print(f"Restoring the weights of the best epoch: {self.best_epoch + 1}.")
        self.model.set_weights(self.best_weights)

    def get_monitor_value(self, logs: dict | None) -> Any:
        """Returns the monitored value, or warns and returns `None` without one."""
        logs = logs or {}
        if logs.get(self.monitor) is None:
            warnings.warn(
                f"Early stopping monitors `{self.monitor}`, which is not available. "
                f"Available are: {', '.join(logs)}",
                stacklevel=2,
            )
        return logs.get(self.monitor)

    def _comparison(self) -> Any:
        """Returns the operation that compares a value with the best so far."""
        if self.mode != "auto":
            return ops.less if self.mode == "min" else ops.greater
        name = self.monitor.removeprefix("val_")
        for metric in _flattened(getattr(self.model, "metrics", ())):
            if metric.name == name and hasattr(metric, "_direction"):
                return ops.greater if metric._direction == "up" else ops.less
        if name == "loss":
            return ops.less
        raise ValueError(
            f"Whether to maximize or minimize `{self.monitor}` is not known; pass "
            "`mode='max'` or `mode='min'`. "
            f"Received: monitor={self.monitor} and mode={self.mode}"
        )


def _flattened(metrics: Iterable[Any]) -> Iterator[Any]:
    """Iterates over the metrics, those nested in Keras' containers too."""
    for metric in metrics:
        inner = getattr(metric, "metrics", None)
        if inner is None:
            yield metric
        else:
            yield from inner
