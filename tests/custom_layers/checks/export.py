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
    with tempfile.TemporaryDirectory() as folder:
        compare_written(model, batches, name, Path(folder))


def compare_written(model, batches, name, folder):
    """Writes a model in a format, and compares its answers with the model's call."""
    from export import parity
    from export.calling import call_of
    from export.errors import ParityError
    from export.formats import find_format
    from export.signature import NAME, Signature

    def sample(size):
        fitting = [x for x in batches if len(next(iter(x.values()))) == size]
        return {
            key: np.resize(array, (size, *array.shape[1:]))
            for key, array in (fitting or batches)[0].items()
        }

    signature = Signature(call_of(model), sample)
    reference = {NAME: [(batch, signature(batch)) for batch in batches]}
    described = {NAME: signature.describe() | {"formats": [name]}}
    checked = find_format(name)
    checked.write({NAME: signature}, folder, {"name": "component"})
    try:
        parity.compare(folder, [checked], described, reference)
    except ParityError as error:
        raise Difference("outputs", error) from error
    return folder / checked.artifact
