"""What is timed: components at sizes a user would use, each beside its peer.

Every module beside this one is read: its `CASES` are added.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

import custom_layers as cl


class Step(NamedTuple):
    """A function of tensors, to be compiled, and its arguments."""

    function: Callable
    arguments: tuple


def _normal(rng, shape):
    if isinstance(shape, list):
        return [rng.normal(size=one) for one in shape]
    return rng.normal(size=shape)


def _tensor(array):
    array = np.asarray(array)
    return tf.constant(array.astype("float32") if array.dtype.kind == "f" else array)


def _forward_and_backward(function, arguments, weights=()):
    """`forward`, and `training` with gradients by float arguments and weights."""
    return {
        "forward": Step(function, arguments),
        "training": _backward(function, arguments, weights),
    }


def _backward(function, arguments, weights=(), by_arguments=True):
    """The gradients by the weights and, unless excluded, by the float arguments."""
    floats = [i for i, x in enumerate(arguments) if x.dtype.is_floating]
    sources = [w.value for w in weights]

    def backward(*tensors):
        watched = [tensors[i] for i in floats if by_arguments] + sources
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(watched)
            outputs = tf.nest.flatten(function(*tensors))
        # The outputs stand for the gradient that a loss would send back.
        gradients = tape.gradient(outputs, watched, outputs)
        return [g for g in gradients if g is not None]

    return Step(backward, arguments)


@dataclass(frozen=True)
class LayerCase:
    """A layer, its options and the shape of its input, or of several.

    `peer` stands for the namesake where Keras has none; `kwargs` may be a
    function of the namespace of layers. A layer that takes a list of inputs is
    `listed`; what a `cell` takes after its first input is a list of states. A layer
    that is not `differentiable`, or whose peer is not, is timed forward alone.
    """

    component: str
    kwargs: dict | Callable
    shape: tuple | list
    listed: bool = False
    cell: bool = False
    draw: Callable = _normal
    call: dict = field(default_factory=dict)
    peer: Callable | None = None
    differentiable: bool = True
    kind = "layers"

    @property
    def size(self):
        sizes = self.shape if isinstance(self.shape, list) else [self.shape]
        return ", ".join("x".join(map(str, shape)) for shape in sizes)

    def steps(self, ours):
        rng = np.random.default_rng(1)
        drawn = self.draw(rng, self.shape)
        arrays = drawn if isinstance(self.shape, list) else [drawn]
        arguments = tuple(_tensor(x) for x in arrays)
        namespace = cl.layers if ours else keras.layers
        options = self.kwargs(namespace) if callable(self.kwargs) else self.kwargs
        layer = _of(self, ours)(**options)

        def called(*inputs, **more):
            if self.listed:
                inputs = [list(inputs)]
            elif self.cell:
                inputs = [inputs[0], list(inputs[1:])]
            return layer(*inputs, **self.call, **more)

        called(*arguments)
        trains = {"training": True} if layer._call_has_training_arg else {}

        def trained(*inputs):
            return called(*inputs, **trains)

        weights = layer.trainable_variables
        steps = {"forward": Step(called, arguments)}
        if not self.differentiable:
            return steps
        steps["training"] = _backward(trained, arguments, weights)
        if weights:
            steps["first layer"] = _backward(
                trained, arguments, weights, by_arguments=False
            )
        elif trains:
            steps["first layer"] = Step(trained, arguments)
        return steps


@dataclass(frozen=True)
class FunctionCase:
    """A function of arrays, or of a list of them: an activation, a loss, a clipping.

    One that is not `differentiable`, or only in theory, is timed forward alone.
    """

    component: str
    arguments: tuple
    kwargs: dict = field(default_factory=dict)
    kind: str = "activations"
    peer: Callable | None = None
    listed: bool = False
    differentiable: bool = True

    @property
    def size(self):
        return _size(self.arguments[-1])

    def steps(self, ours):
        function = _of(self, ours)

        def called(*x):
            return function(*([list(x)] if self.listed else x), **self.kwargs)

        arguments = tuple(_tensor(x) for x in self.arguments)
        if not self.differentiable:
            return {"forward": Step(called, arguments)}
        return _forward_and_backward(called, arguments)


@dataclass(frozen=True)
class ObjectCase:
    """An object that is called with arrays: a regularizer, a schedule of steps."""

    component: str
    arguments: tuple
    kwargs: dict = field(default_factory=dict)
    kind: str = "regularizers"
    peer: Callable | None = None
    differentiable: bool = True

    @property
    def size(self):
        return _size(self.arguments[-1])

    def steps(self, ours):
        called = _of(self, ours)(**self.kwargs)
        arguments = tuple(_tensor(x) for x in self.arguments)
        if not self.differentiable:
            return {"forward": Step(called, arguments)}
        return _forward_and_backward(called, arguments)


@dataclass(frozen=True)
class _ScoredCase:
    """Something of targets and predictions."""

    component: str
    targets: Any
    predictions: Any
    kwargs: dict = field(default_factory=dict)
    peer: Callable | None = None

    @property
    def size(self):
        return _size(self.predictions)


class MetricCase(_ScoredCase):
    """A metric's state updated by a batch, and its result."""

    kind = "metrics"

    def steps(self, ours):
        metric = _of(self, ours)(**(self.kwargs if ours else {}))
        arguments = _tensor(self.targets), _tensor(self.predictions)
        metric(*arguments)  # creates its state

        def updated(y_true, y_pred):
            metric.update_state(y_true, y_pred)
            return metric.result()

        return {"forward": Step(updated, arguments)}


def _size(array):
    return "x".join(map(str, np.shape(array))) or "scalar"


def _of(case, ours):
    """Our class or function, or the peer."""
    if ours:
        return getattr(attrgetter(case.kind)(cl), case.component)
    return case.peer or getattr(attrgetter(case.kind)(keras), case.component)


class LossCase(_ScoredCase):
    """A loss, its options, targets and predictions; the gradient is by these."""

    kind = "losses"

    def steps(self, ours):
        loss = _of(self, ours)(**self.kwargs)
        targets = _tensor(self.targets)
        return _forward_and_backward(
            lambda p: loss(targets, p), (_tensor(self.predictions),)
        )


MLP = ((784, 512), (512,), (512, 512), (512,), (512, 10), (10,))


@dataclass(frozen=True)
class OptimizerCase:
    """An update of the weights of a 784-512-512-10 MLP, gradients given.

    With `rows`, of an embedding of 20,000 x 64 for a batch of so many tokens.
    """

    component: str
    kwargs: dict = field(default_factory=dict)
    rows: int = 0
    peer: Callable | None = None
    kind = "optimizers"

    @property
    def size(self):
        return f"embedding 20000x64, {self.rows} tokens" if self.rows else "MLP"

    def steps(self, ours):
        optimizer = _of(self, ours)(**self.kwargs)
        rng = np.random.default_rng(1)
        shapes = [(20000, 64)] if self.rows else MLP
        weights = [keras.Variable(_tensor(rng.normal(size=s))) for s in shapes]
        optimizer.build(weights)
        # Held by the function, as those of a training step are: to hand six tensors
        # over from Python takes half as long as the update itself.
        if self.rows:
            values = _tensor(rng.normal(size=(self.rows, 64)))
            ids = tf.constant(rng.integers(0, 20000, size=self.rows))
            shape = tf.constant([20000, 64])
            gradients = [tf.IndexedSlices(values, ids, shape)]
        else:
            gradients = [_tensor(rng.normal(size=s)) for s in shapes]

        def update():
            optimizer.apply(gradients, weights)
            return tf.identity(optimizer.iterations.value)

        return {"training": Step(update, ())}


@dataclass(frozen=True)
class InitializerCase:
    """Drawing a weight of this shape."""

    component: str
    shape: tuple
    kwargs: dict = field(default_factory=dict)
    peer: Callable | None = None
    kind = "initializers"

    @property
    def size(self):
        return "x".join(map(str, self.shape))

    def steps(self, ours):
        initializer = _of(self, ours)(**self.kwargs)
        return {"forward": Step(lambda: initializer(self.shape, "float32"), ())}


def all_cases():
    """The cases of every area."""
    found = []
    for module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        found += importlib.import_module(f"{__name__}.{module}").CASES
    return found
