"""Lookup tables as `LabelEncoder`, with what they hold at the time of the export."""

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest import mock

import numpy as np
import tensorflow as tf

from export.onnx_conversion.markers import mark
from export.onnx_conversion.refusals import inexpressible

_DOMAIN = "ai.onnx.ml"
_KINDS = {tf.string: "strings", tf.int64: "int64s", tf.float32: "floats"}
_DEFAULTS = {tf.string: "string", tf.int64: "int64", tf.float32: "float"}


@contextlib.contextmanager
def as_encoders() -> Iterator[None]:
    """Traces each lookup in a table whose content does not change as one operator."""
    with mock.patch.object(tf.lookup.StaticHashTable, "lookup", _lookup):
        yield


def _lookup(table: Any, keys: tf.Tensor, name: str | None = None) -> tf.Tensor:
    if not isinstance(keys, tf.Tensor):
        raise inexpressible("it has no lookup of ragged or sparse tensors")
    key_type, value_type = map(_wide, (table.key_dtype, table.value_dtype))
    with tf.init_scope():
        known, values = (each.numpy() for each in table.export())
        default = np.reshape(np.asarray(table.default_value.numpy()), 1)
    (result,) = mark(
        "LabelEncoder",
        [tf.cast(keys, key_type) if keys.dtype != key_type else keys],
        [tf.TensorSpec(keys.shape, value_type)],
        domain=_DOMAIN,
        **{
            f"keys_{_KINDS[key_type]}": _listed(known),
            f"values_{_KINDS[value_type]}": _listed(values),
            f"default_{_DEFAULTS[value_type]}": _listed(
                np.reshape(np.asarray(default), 1)
            )[0],
        },
    )
    return (
        result
        if value_type == table.value_dtype
        else tf.cast(result, table.value_dtype)
    )


def _wide(dtype: tf.DType) -> tf.DType:
    """Returns the type that ONNX looks values of a type up as."""
    if dtype.is_integer:
        return tf.int64
    return tf.float32 if dtype.is_floating else dtype


def _listed(array: np.ndarray) -> list:
    """Returns an array as JSON can say it."""
    array = np.asarray(array)
    return [x.decode() if isinstance(x, bytes) else x for x in array.tolist()]
