"""What a backend computes in its own way, and the one door to it.

Components compute with `keras.ops`. Where a backend has a faster way, or can do what
`keras.ops` cannot, the portable function is decorated with `path`, and a table
names the function that takes its place:

    @fast.path
    def mean_absolute_error(y_true, y_pred):
        ...  # with keras.ops

A function stands in the table under its name, a method of a layer, a cell or an
optimizer (or a function whose first argument is one) under that of the class too.
It takes the same arguments, and returns `NotImplemented` for those that it cannot
serve: the portable function then computes them.
"""

import functools
import importlib
from collections.abc import Callable
from typing import Any, TypeVar

import keras

_Function = TypeVar("_Function", bound=Callable)

# Each has its figure in `benchmarks/fast_paths.md`.
FASTER = {
    ("mean_absolute_error", "tensorflow"): "losses.mean_absolute_error",
    ("categorical_crossentropy_of_logits", "tensorflow"): (
        "losses.categorical_crossentropy_of_logits"
    ),
    ("sparse_categorical_crossentropy", "tensorflow"): (
        "losses.sparse_categorical_crossentropy"
    ),
    ("SGD.update_step", "tensorflow"): "optimizers.sgd",
    ("Adadelta.update_step", "tensorflow"): "optimizers.adadelta",
    ("Adam.update_step", "tensorflow"): "optimizers.adam",
    ("AdamW.update_step", "tensorflow"): "optimizers.adam",
    ("SimpleRNNCell.loop", "tensorflow"): "cells.simple_rnn",
    ("LSTMCell.loop", "tensorflow"): "cells.lstm",
    ("GRUCell.loop", "tensorflow"): "cells.gru",
    ("BatchNormalization.batch_norm", "tensorflow"): "normalization.batch_norm",
    ("LayerNormalization.normalized", "tensorflow"): "normalization.layer_norm",
    ("GlobalMaxPooling2D.max", "tensorflow"): "pooling.global_max",
    ("attend", "tensorflow"): "attention.attend",
    ("softmax", "tensorflow"): "attention.softmax",
    ("rotated", "tensorflow"): "rotation.rotated",
    ("ChildSumTreeLSTM.climb", "tensorflow"): "trees.climb",
    ("TreeRNN.climb", "tensorflow"): "trees.climb",
    ("RandomFlip.flip", "tensorflow"): "augmentation.flip",
    ("uniform", "tensorflow"): "noise.uniform",
    ("normal", "tensorflow"): "noise.normal",
    ("dropped", "tensorflow"): "noise.dropped",
}

# What `keras.ops` lacks, or what XLA or a converter cannot process in that form.
NEEDED = {
    ("loop_of_steps", "tensorflow"): "loop.loop_of_steps",
    ("convolve", "tensorflow"): "convolution.convolve",
    ("average_pool", "torch"): "border.average_pool",
    ("enlarge", "tensorflow"): "interpolation.enlarge",
    ("gradient", "tensorflow"): "gradients.by_tensorflow",
    ("gradient", "jax"): "gradients.by_jax",
    ("gradient", "torch"): "gradients.by_torch",
    ("is_rows", "tensorflow"): "rows.is_rows",
    ("plus", "tensorflow"): "rows.plus",
    ("on_rows", "tensorflow"): "rows.on_rows",
    ("of_the_sum", "tensorflow"): "replicas.of_the_sum",
}

TABLE = FASTER | NEEDED


def path(portable: _Function) -> _Function:
    """Decorates a portable function that a backend's own function may replace."""

    @functools.wraps(portable)
    def door(*args: Any, **kwargs: Any) -> Any:
        own = _own(portable.__name__.lstrip("_"), args[0])
        result = NotImplemented if own is None else own(*args, **kwargs)
        return portable(*args, **kwargs) if result is NotImplemented else result

    return door  # pyright: ignore[reportReturnType]


def is_unmodified(component: Any) -> bool:
    """Whether an object is exactly of one of our classes, with no method replaced.

    A subclass may override any method, and so may an object whose method was assigned:
    `layer.call = ...`; a class, too: `LSTMCell.call = ...`, or a mock in its place.
    """
    cls = type(component)
    return (
        _is_ours(cls)
        and not any(
            callable(getattr(cls, name, None))
            for name in vars(component).keys() - _WRAPPED
        )
        and all(_as_written(base) for base in cls.__mro__ if base in _WRITTEN)
    )


_PACKAGE = __name__.split(".")[0]
_WRAPPED = {"build", "quantize"}  # by Keras, in each layer
_WRITTEN: dict[type, dict[str, Any]] = {}  # what the definition gave each class


def remember(*namespaces: Any) -> None:
    """Keeps what the classes of namespaces are, before anybody can patch them."""
    for namespace in namespaces:
        for thing in map(vars(namespace).get, namespace.__all__):
            for cls in thing.__mro__ if isinstance(thing, type) else ():
                if _is_ours(cls):
                    _WRITTEN[cls] = dict(vars(cls))


def _is_ours(cls: type) -> bool:
    return cls.__module__.startswith(f"{_PACKAGE}.")


def _as_written(cls: type) -> bool:
    """Whether a class has the methods of its definition, and no others."""
    written = _WRITTEN[cls]
    return all(
        value is written.get(name) or not callable(value)
        for name, value in vars(cls).items()
    )


def _own(name: str, first: Any) -> Callable | None:
    """Returns the function of the table that replaces the portable one, if any."""
    backend = keras.backend.backend()
    is_component = isinstance(first, keras.layers.Layer | keras.optimizers.Optimizer)
    if is_component:
        name = f"{type(first).__qualname__}.{name}"
        # A layer in a data pipeline computes with TensorFlow, whatever the backend.
        backend = getattr(getattr(first, "backend", None), "name", backend)
    place = TABLE.get((name, backend))
    if place is None or (is_component and not is_unmodified(first)):
        return None
    module, function = place.split(".")
    return getattr(importlib.import_module(f"{__name__}.{module}"), function)
