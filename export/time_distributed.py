"""Keras' TimeDistributed as one call of its layer, on the steps of all rows at once.

Keras calls the layer for each step; where their number is open, it vectorizes a loop,
whose graph has other sizes than the call or cannot run.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import keras
import tensorflow as tf
from keras import ops

_PACKAGES = "keras.src.layers.", "custom_layers."


@contextlib.contextmanager
def as_rows() -> Iterator[None]:
    """Traces each TimeDistributed of layers that treat every sample alike as rows."""
    layer = keras.layers.TimeDistributed
    with mock.patch.object(layer, "call", _replacement(layer.call)):
        yield


def _replacement(call: Callable) -> Callable:
    def rows(
        self: Any,
        inputs: tf.Tensor,
        training: bool | None = None,
        mask: tf.Tensor | None = None,
    ) -> tf.Tensor:
        has_mask = mask is not None and self.layer._call_has_mask_arg
        if training or has_mask or not _is_alike(self.layer):
            return call(self, inputs, training=training, mask=mask)
        outputs = self.layer.call(ops.reshape(inputs, (-1, *ops.shape(inputs)[2:])))
        return ops.reshape(outputs, (*ops.shape(inputs)[:2], *ops.shape(outputs)[1:]))

    return rows


def _is_alike(layer: keras.layers.Layer) -> bool:
    """Whether the layer, and each in it, is known, and keeps no state."""
    models = keras.Sequential, keras.src.models.functional.Functional
    return all(
        type(each) in models
        or (
            type(each).__module__.startswith(_PACKAGES)
            and not isinstance(each, keras.layers.Lambda)
            and not getattr(each, "stateful", False)
        )
        for each in layer._flatten_layers()
    )
