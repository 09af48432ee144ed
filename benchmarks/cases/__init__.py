"""What is timed: components at sizes a user would use, each beside its peer.

Every module beside this one is read: its `CASES` are added.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
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
        peer = self.peer or getattr(keras.layers, self.component, None)
        layer = (getattr(cl.layers, self.component) if ours else peer)(**options)

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
    """A function of arrays: an activation, or a loss of each sample."""

    component: str
    arguments: tuple
    kwargs: dict = field(default_factory=dict)
    kind: str = "activations"
    peer: Callable | None = None

    @property
    def size(self):
        return "x".join(map(str, np.shape(self.arguments[-1])))

    def steps(self, ours):
        peer = self.peer or getattr(getattr(keras, self.kind), self.component, None)
        function = getattr(getattr(cl, self.kind), self.component) if ours else peer
        return _forward_and_backward(
            lambda *x: function(*x, **self.kwargs),
            tuple(_tensor(x) for x in self.arguments),
        )


@dataclass(frozen=True)
class LossCase:
    """A loss, its options, targets and predictions; the gradient is by these."""

    component: str
    targets: Any
    predictions: Any
    kwargs: dict = field(default_factory=dict)
    peer: Callable | None = None
    kind = "losses"

    @property
    def size(self):
        return "x".join(map(str, np.shape(self.predictions)))

    def steps(self, ours):
        peer = self.peer or getattr(keras.losses, self.component, None)
        loss = (getattr(cl.losses, self.component) if ours else peer)(**self.kwargs)
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
    kind = "optimizers"

    @property
    def size(self):
        return f"embedding 20000x64, {self.rows} tokens" if self.rows else "MLP"

    def steps(self, ours):
        package = cl.optimizers if ours else keras.optimizers
        optimizer = getattr(package, self.component)(**self.kwargs)
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
        peer = self.peer or getattr(keras.initializers, self.component, None)
        make = getattr(cl.initializers, self.component) if ours else peer
        initializer = make(**self.kwargs)
        return {"forward": Step(lambda: initializer(self.shape, "float32"), ())}


def all_cases():
    """The cases of every area."""
    found = []
    for module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        found += importlib.import_module(f"{__name__}.{module}").CASES
    return found
