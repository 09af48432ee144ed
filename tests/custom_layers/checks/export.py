"""Checks that a component can be served: SavedModel and ONNX answer like the model."""

import tempfile
from pathlib import Path

import keras
import numpy as np

from ..table import functional
from .common import Difference


def check_export(row):
    """Parity at two batch sizes; where ONNX cannot, the row says why."""
    model, batches = functional(row)
    _check_parity(model, batches, "saved_model")
    if not row.onnx:
        _check_parity(model, batches, "onnx")
        return
    try:
        _check_parity(model, batches, "onnx")
    except Exception:
        return
    raise Difference("ONNX", f"it can express this now; the row says {row.onnx!r}")


def check_activation_export(row):
    inputs = keras.Input((3, 4), name="x")
    layer = keras.layers.Activation(row.function)
    model = keras.Model([inputs], {"y": layer(inputs)})
    rng = np.random.default_rng(1)
    batches = [
        {"x": (rng.normal(size=(n, 3, 4)) * 3).astype("float32")} for n in (1, 7)
    ]
    for name in ("saved_model", "onnx"):
        _check_parity(model, batches, name)


def _check_parity(model, batches, name):
    import tensorflow as tf

    from export import parity, signature
    from export.errors import ParityError
    from export.formats import find_format

    specs = tuple(tf.TensorSpec(x.shape, x.dtype, name=x.name) for x in model.inputs)
    signatures = {signature.NAME: signature.Signature(model, specs)}
    reference = [(batch, signatures[signature.NAME](batch)) for batch in batches]
    described = {key: each.describe() for key, each in signatures.items()}
    checked = find_format(name)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        checked.write(signatures, folder, {"name": "component"})
        try:
            parity.compare(folder, [checked], described, reference)
        except ParityError as error:
            raise Difference("outputs", error) from error
