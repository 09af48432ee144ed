"""Families of `keras.applications`, in both formats."""

import keras
import numpy as np
import pytest

import export

SMALL = {
    "MobileNet": (64, {"alpha": 0.25}),
    "MobileNetV2": (64, {"alpha": 0.35}),
    "MobileNetV3Small": (64, {}),
    "EfficientNetB0": (64, {}),
    "EfficientNetV2B0": (64, {}),
    "ResNet50": (64, {}),
    "ResNet50V2": (64, {}),
    "DenseNet121": (64, {}),
    "InceptionV3": (80, {}),
    "Xception": (80, {}),
    "NASNetMobile": (64, {}),
    "ConvNeXtTiny": (64, {}),
    "VGG16": (32, {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_a_family_is_published_in_both_formats(name, tmp_path):
    size, options = SMALL[name]
    keras.utils.set_random_seed(0)
    model = getattr(keras.applications, name)(
        input_shape=(size, size, 3), weights=None, classes=10, **options
    )
    artifact = export.export_model(model, tmp_path)
    assert artifact.manifest["formats"] == ["saved_model", "onnx"]
    x = np.random.default_rng(0).integers(256, size=(2, size, size, 3))
    (inputs,) = artifact.manifest["signatures"]["serving_default"]["inputs"]
    batch = {inputs: x.astype("float32")}
    expected = np.asarray(model(batch[inputs], training=False))
    for name in artifact.manifest["formats"]:
        chosen = export.formats.find_format(name)
        (outputs,) = chosen.predict(artifact.path, [("serving_default", batch)])
        (found,) = outputs.values()
        np.testing.assert_allclose(found, expected, atol=1e-4)
