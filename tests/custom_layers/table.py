"""What a row of the table holds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from .backends import PRECISION


def _title(component, kwargs):
    options = ",".join(f"{key}={value}" for key, value in kwargs.items())
    return f"{component.__name__}({options[:60]})"


@dataclass(frozen=True)
class Row:
    component: Any
    peer: Any
    oracle: Callable | None = None
    kwargs: dict = field(default_factory=dict)

    @property
    def title(self):
        return _title(self.component, self.kwargs)

    def make(self, **more):
        return self.component(**self.kwargs, **more)

    def make_peer(self, **more):
        return self.peer(**self.kwargs, **more)


def normal_weights(shapes, rng):
    return [rng.normal(size=shape) for shape in shapes]


def statistics(shapes, rng):
    mean, variance, count = shapes
    return [rng.normal(size=mean), rng.uniform(0.5, 2, size=variance), np.zeros(count)]


@dataclass(frozen=True)
class LayerRow(Row):
    """The oracle takes the inputs and the weights."""

    shape: tuple = (3, 5)
    weights: Callable = normal_weights
    out_of_scope: frozenset = frozenset()
    # TensorFlow convolves channels-first images in single precision only.
    precision: str = PRECISION

    def inputs(self, batch=None):
        shape = (batch or self.shape[0], *self.shape[1:])
        return np.random.default_rng(7).normal(size=shape)

    def built(self, component=None, **more):
        """A layer with weights that are the same for every class and dtype."""
        layer = (component or self.component)(**self.kwargs, **more)
        layer.build((None, *self.shape[1:]))
        shapes = [tuple(w.shape) for w in layer.weights]
        layer.set_weights(self.weights(shapes, np.random.default_rng(3)))
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
        return layer


@dataclass(frozen=True)
class LossRow(Row):
    """`component` and `peer` are classes, `function` and its peer per-sample."""

    function: Callable | None = None
    peer_function: Callable | None = None
    targets: np.ndarray | None = None
    predictions: np.ndarray | None = None


@dataclass(frozen=True)
class OptimizerRow(Row):
    """The oracle takes a weight, its gradients and the options it knows."""


@dataclass(frozen=True)
class ActivationRow(Row):
    """`component` is the function; the oracle takes the same options."""

    @property
    def function(self):
        return partial(self.component, **self.kwargs)

    @property
    def peer_function(self):
        return partial(self.peer, **self.kwargs)


@dataclass(frozen=True)
class InitializerRow(Row):
    """The oracle takes the fans and gives the variance; `limit` gives the bound."""

    mean: float = 0.0
    limit: Callable | None = None
