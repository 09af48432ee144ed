"""Gradient norms of each layer, epoch by epoch."""

import inspect
import math
import warnings
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from custom_layers._gradients import gradient
from custom_layers._types import Tensor

_PROBLEMS = ("vanishing", "exploding", "non_finite")


class GradientMonitor(keras.callbacks.Callback):
    r"""Logs the gradient norm of each layer and warns of vanishing or exploding ones.

    .. math::

        \mathrm{norm} = \left\lVert \frac{\partial L}{\partial w} \right\rVert_2

    for the weights `w` of a layer and the loss `L` of the given data. A gradient
    vanishes below one bound, explodes above another, and is non-finite if it holds
    NaN or infinity.

    The gradients are those of a training step, dropout included, without side
    effects on the model. The norms are added to the logs as
    `gradient_norm/<layer>`, for the history and the callbacks that follow.

    Args:
        data: Batch `(x, y)` or `(x, y, sample_weight)` to compute gradients of.
        vanishing: Norm below which a gradient vanishes.
        exploding: Norm above which a gradient explodes.
        every: Interval of the measurements in epochs.
        verbose: Whether to warn of vanishing, exploding and non-finite gradients,
            0 or 1.

    Attributes:
        history: List of the norms of each layer.
        report: Names of the layers with a problem at the last measurement, by
            `"vanishing"`, `"exploding"` and `"non_finite"`.

    Example:

    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, name="a")])
    >>> model.compile("sgd", "mse")
    >>> x = keras.ops.ones((4, 1))
    >>> monitor = GradientMonitor((x, 1e9 * x), exploding=10.0, verbose=0)
    >>> history = model.fit(x, x, callbacks=[monitor], verbose=0)
    >>> monitor.report
    {'vanishing': [], 'exploding': ['a'], 'non_finite': []}

    Reference:
        Bengio, Simard and Frasconi, 1994, Learning long-term dependencies with
        gradient descent is difficult.
    """

    def __init__(
        self,
        data: tuple,
        *,
        vanishing: float = 1e-7,
        exploding: float = 1e3,
        every: int = 1,
        verbose: int = 1,
    ) -> None:
        super().__init__()
        if not isinstance(data, tuple | list) or len(data) not in (2, 3):
            raise ValueError(
                "`data` must be a batch `(x, y)` or `(x, y, sample_weight)`. "
                f"Received: data of type {type(data).__name__}"
            )
        if not 0 <= vanishing < exploding:
            raise ValueError(
                "The bounds must obey 0 <= `vanishing` < `exploding`. "
                f"Received: vanishing={vanishing} and exploding={exploding}"
            )
        if every < 1:
            raise ValueError(f"`every` must be at least 1. Received: every={every}")
        self.data = tuple(data)
        self.vanishing = vanishing
        self.exploding = exploding
        self.every = every
        self.verbose = verbose
        self._reset()

    def _reset(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.report: dict[str, list[str]] = {problem: [] for problem in _PROBLEMS}

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Resets the state."""
        self._reset()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Measures the norms, adds them to the logs, and warns."""
        if (epoch + 1) % self.every:
            return
        norms = self.measure()
        for layer, norm in norms.items():
            self.history.setdefault(layer, []).append(norm)
            if logs is not None:
                logs[f"gradient_norm/{layer}"] = norm
        self.report = self._diagnosis(norms)
        if self.verbose and any(self.report.values()):
            warnings.warn(self._message(epoch, norms), RuntimeWarning, stacklevel=2)

    def get_state(self) -> dict[str, Any]:
        """Returns the state that resuming a training needs."""
        return {"history": self.history, "report": self.report}

    def set_state(self, state: dict[str, Any]) -> None:
        """Restores a state of `get_state`, after `on_train_begin`."""
        self.history, self.report = state["history"], state["report"]

    def measure(self) -> dict[str, float]:
        """Returns the gradient norm of each layer."""
        found = _gradients(self.model, *self.data)
        squares: dict[str, float] = {}
        for layer, variable in _owners(self.model):
            squares[layer] = squares.get(layer, 0.0) + _square(found[id(variable)])
        return {layer: math.sqrt(square) for layer, square in squares.items()}

    def _diagnosis(self, norms: dict[str, float]) -> dict[str, list[str]]:
        report = {problem: [] for problem in _PROBLEMS}
        for layer, norm in norms.items():
            if not math.isfinite(norm):
                report["non_finite"].append(layer)
            elif norm < self.vanishing:
                report["vanishing"].append(layer)
            elif norm > self.exploding:
                report["exploding"].append(layer)
        return report

    def _message(self, epoch: int, norms: dict[str, float]) -> str:
        parts = [
            f"{problem.replace('_', '-')} in "
            + ", ".join(f"{layer} (norm {norms[layer]:.2g})" for layer in layers)
            for problem, layers in self.report.items()
            if layers
        ]
        return f"Gradients after epoch {epoch + 1}: {'; '.join(parts)}"


def _square(gradient: Tensor | None) -> float:
    """Sums squares in double precision; a missing gradient counts as 0."""
    if gradient is None:
        return 0.0
    values = keras.ops.convert_to_numpy(gradient).astype("float64")
    # Squares far beyond any bound may overflow, to infinity.
    with np.errstate(over="ignore"):
        return float(np.sum(values * values))


def _owners(model: Any) -> Iterator[tuple[str, keras.Variable]]:
    """Iterates over the trainable variables, each once, with its layer's name.

    Layers of models inside the model are called `inner/layer`.
    """
    seen = set()
    for name, layer in _layers(model, ""):
        for variable in layer.trainable_variables:
            if id(variable) not in seen:
                seen.add(id(variable))
                yield name, variable


def _layers(model: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for layer in model.layers:
        name = f"{prefix}{layer.name}"
        if isinstance(layer, keras.Model):
            yield from _layers(layer, f"{name}/")
        else:
            yield name, layer
    # Variables of the model itself, outside its layers.
    yield prefix.rstrip("/") or model.name, model


def _gradients(
    model: Any, x: Any, y: Any, sample_weight: Any = None
) -> dict[int, Tensor | None]:
    """Computes a training step's gradient with respect to each trainable variable.

    Args:
        model: Compiled model.
        x: Inputs.
        y: Targets.
        sample_weight: Weights of the samples.

    Returns:
        The gradients by the `id` of their variable; `None` where the loss does
        not depend on it.
    """
    x, y, sample_weight = keras.tree.map_structure(
        lambda array: None if array is None else keras.ops.convert_to_tensor(array),
        (x, y, sample_weight),
    )
    in_training = "training" in inspect.signature(model.call).parameters
    options = {"training": True} if in_training else {}
    variables = model.trainable_variables

    def loss(values: list[Tensor]) -> Tensor:
        mapping = list(zip(variables, values, strict=True))
        # Moving means, seeds and metrics change within the scope only.
        with keras.StatelessScope(state_mapping=mapping, collect_losses=True):
            outputs = model(x, **options)
            return model.compute_loss(x, y, outputs, sample_weight)

    values = [variable.value for variable in variables]
    found = gradient(loss, [keras.ops.convert_to_tensor(value) for value in values])
    return {id(v): g for v, g in zip(variables, found, strict=True)}
