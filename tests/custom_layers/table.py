"""What a row of the table holds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import keras
import numpy as np

import custom_layers as cl

from .backends import PRECISION, flat

PENALTIES = {
    "kernel_regularizer": "l2",
    "bias_regularizer": "l1",
    "activity_regularizer": "l2",
    "kernel_constraint": "max_norm",
    "bias_constraint": "non_neg",
}


@dataclass(frozen=True)
class Row:
    """A component with arguments; `peer` is its namesake in Keras, if there is one.

    `kwargs` may be a function of `custom_layers.layers` or `keras.layers`, for
    layers that take layers.
    """

    component: Any
    peer: Any = None
    oracle: Callable | None = None
    kwargs: dict | Callable = field(default_factory=dict)

    @property
    def title(self):
        options = self.kwargs if isinstance(self.kwargs, dict) else {"layers": "..."}
        text = ",".join(
            f"{key}={getattr(value, '__name__', value)}"
            for key, value in options.items()
        )
        return f"{self.component.__name__}({text[:60]})"

    def make(self, **more):
        return self.component(**self._options(cl.layers), **more)

    def make_peer(self, **more):
        return self.peer(**self._options(keras.layers), **more)

    def _options(self, namespace):
        return self.kwargs(namespace) if callable(self.kwargs) else self.kwargs


def normal_weights(shapes, rng):
    return [rng.normal(size=shape) for shape in shapes]


def normal_inputs(rng, shape):
    if isinstance(shape, list):
        return [rng.normal(size=one) for one in shape]
    return rng.normal(size=shape)


@dataclass(frozen=True)
class LayerRow(Row):
    """The oracle takes the inputs, the weights and, by keyword, what `call` holds.

    `shape` is that of the input, or a list of those of several inputs, which
    `draw` fills. `call` holds further arguments of the call, or is a function
    of the batch size that makes them.
    """

    shape: tuple | list = (3, 5)
    # The layer takes them as one list.
    listed: bool = False
    draw: Callable = normal_inputs
    call: dict | Callable = field(default_factory=dict)
    weights: Callable = normal_weights
    out_of_scope: frozenset = frozenset()
    # In training, two calls differ.
    random: bool = False
    # The derivative is zero almost everywhere.
    flat: bool = False
    # Weights get no gradient of some outputs that depend on them.
    stops_gradients: bool = False
    # Why ONNX cannot express the layer.
    onnx: str = ""
    # TensorFlow convolves channels-first images in single precision only.
    precision: str = PRECISION
    # Backends on which the namesake fails, or computes something else.
    peer_differs: tuple = ()

    @property
    def batch(self):
        return (self.shape[0] if isinstance(self.shape, list) else self.shape)[0]

    def inputs(self, batch=None, seed=7):
        rng = np.random.default_rng(seed)
        if isinstance(self.shape, list):
            shapes = [(batch or self.batch, *shape[1:]) for shape in self.shape]
            return [np.asarray(x) for x in self.draw(rng, shapes)]
        return [np.asarray(self.draw(rng, (batch or self.batch, *self.shape[1:])))]

    def arguments(self, inputs):
        """What stands first in a call of the layer."""
        return [list(inputs)] if self.listed else inputs

    def call_arguments(self, batch=None):
        return self.call(batch or self.batch) if callable(self.call) else self.call

    def specs(self, batch=None):
        """Symbolic inputs and call arguments; without `batch` it stays open."""
        return (
            [_spec(x, batch) for x in self.inputs()],
            {
                name: _spec(value, batch) if isinstance(value, np.ndarray) else value
                for name, value in self.call_arguments().items()
            },
        )

    def built(self, component=None, **more):
        """A layer with weights that are the same for every class and dtype."""
        if component is self.peer and component is not None:
            layer = self.make_peer(**more)
        else:
            layer = self.make(**more)
        inputs, options = self.specs()
        layer(*self.arguments(inputs), **options)
        shapes = [tuple(w.shape) for w in layer.weights]
        layer.set_weights(self.weights(shapes, np.random.default_rng(3)))
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
        return layer


def single(value, dtype="float32"):
    """Floats of this precision; integers and flags as they are."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(dtype)
    return value


def _spec(array, batch):
    dtype = "float32" if array.dtype.kind == "f" else array.dtype.name
    return keras.KerasTensor((batch, *array.shape[1:]), dtype)


def functional(row):
    """A model of the row's layer with outputs `y0`, ..., and two batches for it."""
    names = [f"x{i}" for i in range(len(row.inputs()))]
    inputs = [
        keras.Input(x.shape[1:], dtype=_dtype(x), name=name)
        for x, name in zip(row.inputs(), names, strict=True)
    ]
    options = {
        name: keras.Input(value.shape[1:], dtype=_dtype(value), name=name)
        if isinstance(value, np.ndarray)
        else value
        for name, value in row.call_arguments().items()
    }
    arrays = [k for k, v in options.items() if isinstance(v, keras.KerasTensor)]
    outputs = flat(row.built()(*row.arguments(inputs), **options))
    model = keras.Model(
        [*inputs, *(options[name] for name in arrays)],
        {f"y{i}": y for i, y in enumerate(outputs)},
    )
    batches = []
    for batch in (1, 7):
        call = row.call_arguments(batch)
        batches.append(
            dict(zip(names, map(single, row.inputs(batch)), strict=True))
            | {name: single(call[name]) for name in arrays}
        )
    return model, batches


def _dtype(array):
    return "float32" if array.dtype.kind == "f" else array.dtype.name


@dataclass(frozen=True)
class LossRow(Row):
    """`component` and `peer` are classes, `function` and its peer per-sample."""

    function: Callable | None = None
    peer_function: Callable | None = None
    targets: np.ndarray | None = None
    predictions: np.ndarray | None = None
    # Backends on which the namesake fails.
    peer_differs: tuple = ()
    # Arguments that the namesake takes and its configuration forgets.
    peer_forgets: frozenset = frozenset()


@dataclass(frozen=True)
class MetricRow(Row):
    """The oracle takes targets, predictions, weights of the samples, and options."""

    targets: np.ndarray | None = None
    predictions: np.ndarray | None = None


@dataclass(frozen=True)
class ScheduleRow(Row):
    """The oracle takes a step and the same options."""


@dataclass(frozen=True)
class OptimizerRow(Row):
    """The oracle takes a weight, its gradients and the options it knows."""


@dataclass(frozen=True)
class ActivationRow(Row):
    """`component` is the function; the oracle takes the same options."""

    # The derivative is zero almost everywhere.
    flat: bool = False

    @property
    def function(self):
        return partial(self.component, **self.kwargs)

    @property
    def peer_function(self):
        return partial(self.peer, **self.kwargs)


@dataclass(frozen=True)
class FunctionRow(Row):
    """`component` is a function of the arrays `arguments`; so is the oracle."""

    arguments: tuple = ()

    @property
    def function(self):
        return partial(self.component, **self.kwargs)

    @property
    def peer_function(self):
        return partial(self.peer, **self.kwargs)


@dataclass(frozen=True)
class RegularizerRow(Row):
    """The oracle takes the weight and the same options."""


@dataclass(frozen=True)
class InitializerRow(Row):
    """The oracle takes the fans and gives the variance; `limit` gives the bound."""

    mean: float = 0.0
    limit: Callable | None = None
