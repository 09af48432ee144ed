"""Whole models in `.h5` files as Keras 2 wrote them."""

import json

import h5py
import keras
import numpy as np
import pytest
from keras import layers

import export
from export.formats import find_format
from zoo.errors import ZooError


def write(path, *layers, **changes):
    """Writes a model as Keras 2 did, with what its layers said besides."""
    model = keras.Sequential(layers)
    model.save(path)
    with h5py.File(path, "r+") as file:
        content = json.loads(file.attrs["model_config"])
        for layer in content["config"]["layers"]:
            for key in ("module", "registered_name", "build_config"):
                layer.pop(key, None)
            said = layer["config"]
            said["dtype"] = "float32"
            if "batch_shape" in said:
                said["batch_input_shape"] = said.pop("batch_shape")
            said |= changes.get(layer["class_name"], {})
        file.attrs["model_config"] = json.dumps(content)
        file.attrs["keras_version"] = "2.15.0"
    return model


def test_a_file_that_both_can_read(tmp_path):
    dense = layers.Dense(4, activation="relu"), layers.Dense(2)
    model = write(tmp_path / "old.h5", keras.Input((6,)), *dense)
    artifact = export.export_model(
        tmp_path / "old.h5", tmp_path / "models", formats=("saved_model",)
    )
    (name,) = artifact.manifest["signatures"]["serving_default"]["inputs"]
    x = np.random.default_rng(0).normal(size=(3, 6)).astype("float32")
    (outputs,) = find_format("saved_model").predict(
        artifact.path, [("serving_default", {name: x})]
    )
    np.testing.assert_allclose(*outputs.values(), model(x), atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "said", "reason"),
    [
        (layers.LSTM(3), {"time_major": False}, "{'time_major': False}"),
        (layers.GRU(3), {"time_major": False}, "{'time_major': False}"),
        (layers.Dense(3), None, "TFOpLambda"),
    ],
)
def test_a_file_that_only_keras_2_can_read(tmp_path, layer, said, reason):
    path = tmp_path / "old.h5"
    write(path, keras.Input((5, 2)), layer, **{type(layer).__name__: said or {}})
    if said is None:
        with h5py.File(path, "r+") as file:
            content = file.attrs["model_config"].replace('"Dense"', '"TFOpLambda"')
            file.attrs["model_config"] = content
    with pytest.raises(ZooError, match=r"was written by Keras 2\.15\.0") as caught:
        export.export_model(path, tmp_path / "models")
    assert reason in str(caught.value)
    assert "SavedModel" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_code_in_it_is_said(tmp_path):
    path = tmp_path / "old.h5"
    write(path, keras.Input((6,)), layers.Lambda(lambda x: x * 2))
    with pytest.raises(ZooError, match=r"holds Python code .* \(--trust\)"):
        export.export_model(path, tmp_path / "models")
