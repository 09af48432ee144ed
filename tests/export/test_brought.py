"""Models that users bring: published so that they answer as the user's call does."""

import keras
import numpy as np
import pytest

import export
from export import ExportError
from export.formats import find_format

from . import (  # noqa: F401  (they add rows)
    brought_operators,
    brought_preprocessing,
    brought_structures,
    brought_types,
)
from .brought import BOTH, ROWS

slow = pytest.mark.slow
CASES = [
    pytest.param(name, marks=[] if row.quick else [slow], id=name)
    for name, row in ROWS.items()
]


def test_there_are_sixty():
    assert len(ROWS) >= 60


@pytest.mark.filterwarnings("ignore:.build... was called on layer:UserWarning")
@pytest.mark.parametrize("name", CASES)
def test_an_artifact_answers_as_the_users_call(name, tmp_path):
    row = ROWS[name]
    keras.utils.set_random_seed(1)
    model = row.build()
    options = {"sample": row.inputs(row.batch or 8)} if row.sample else {}
    if row.refused:
        with pytest.raises(ExportError, match=row.refused) as caught:
            export.export_model(model, tmp_path, name=name, **options)
        assert "\n" not in str(caught.value)
        return
    before = [np.asarray(weight) for weight in model.weights]
    artifact = export.export_model(model, tmp_path, name=name, **options)
    for weight, value in zip(model.weights if before else [], before, strict=True):
        np.testing.assert_array_equal(weight, value)  # the model is left as it was
    assert tuple(artifact.manifest["formats"]) == row.formats
    export.verify(artifact.path)
    signature = artifact.manifest["signatures"]["serving_default"]
    for size in (row.batch,) if row.batch else (1, 3):
        arguments = row.inputs(size)
        inputs = named(signature["inputs"], arguments)
        expected = call(row, model, arguments)
        for each in artifact.manifest["formats"]:
            (outputs,) = find_format(each).predict(
                artifact.path, [("serving_default", inputs)]
            )
            check(outputs, expected, row.tolerance)


def named(described, arguments):
    """The arguments by the names of the signature, in its types."""
    arrays = arguments if isinstance(arguments, dict) else None
    if arrays is None:
        flat = arguments if isinstance(arguments, list) else [arguments]
        arrays = dict(zip(described, flat, strict=True))
    assert arrays.keys() == described.keys()
    return {
        name: array
        if array.dtype.kind == "U"
        else array.astype(described[name]["dtype"])
        for name, array in arrays.items()
    }


def call(row, model, arguments):
    """What the user's own call returns, flat; a state it changes is set back."""
    tensors = keras.tree.map_structure(keras.ops.convert_to_tensor, arguments)
    from export.states import unchanged

    with unchanged(model):
        if row.sample and isinstance(tensors, dict):
            outputs = model(**tensors, training=False)
        else:
            outputs = model(tensors, training=False)
    return keras.tree.flatten(outputs)


def check(outputs, expected, tolerance):
    """The outputs are the expected ones, in any order of their names."""
    left = list(outputs.values())
    assert len(left) == len(expected)
    for want in map(np.asarray, expected):
        fitting = [i for i, got in enumerate(left) if is_equal(got, want, tolerance)]
        assert fitting, (want, left)
        del left[fitting[0]]


def is_equal(got, want, tolerance):
    """Whether strings are the same, and numbers are within the tolerance."""
    if got.shape != want.shape:
        return False
    if want.dtype == object:
        return got.tolist() == np.strings.decode(want.astype("S")).tolist()
    if got.dtype.kind == "U":
        return False
    exact = "complex128" if want.dtype.kind == "c" else "float64"
    pair = (got.astype(exact), want.astype(exact))
    return np.allclose(*pair, rtol=tolerance, atol=tolerance, equal_nan=True)


def test_the_table_has_both_kinds():
    assert sum(row.formats == BOTH for row in ROWS.values()) >= 40
    assert sum(row.refused is not None for row in ROWS.values()) >= 5
