"""What is particular to multilayer perceptrons."""

import numpy as np
import pytest

import zoo


def test_the_weights_into_a_hidden_unit_are_bounded(tmp_path):
    overrides = {"hidden_units": (8, 6), "max_norm": 0.5}
    run = zoo.train(
        "mlp", dataset="iris", epochs=3, overrides=overrides, output=tmp_path / "run"
    )
    first, second, logits = (
        np.linalg.norm(layer.kernel.numpy(), axis=0).max()
        for layer in run.model.layers
        if layer.name.startswith("dense") or layer.name == "logits"
    )
    assert (first, second) == pytest.approx((0.5, 0.5), abs=1e-5)
    assert logits > 0.6
