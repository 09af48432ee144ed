"""After an export, the user's model is what it was before."""

import keras
import numpy as np
import pytest

import export


class _Remembers(keras.Model):
    """Keeps the last output, all outputs by layer, and a count, and adds a loss."""

    def __init__(self):
        super().__init__(name="remembers")
        self.dense = keras.layers.Dense(2)
        self.norm = keras.layers.BatchNormalization()
        self.outputs_of = {"dense": []}
        self.calls = 0

    def call(self, x):
        self.calls += 1
        self.last = self.dense(x)
        self.dense.latest = self.last
        self.outputs_of["dense"].append(self.last)
        self.add_loss(keras.ops.sum(self.last))
        return self.norm(self.last)


@pytest.mark.parametrize("formats", [["saved_model"], ["onnx"]])
def test_attributes_and_losses_stay_what_they_were(formats, tmp_path):
    model = _Remembers()
    model(np.ones((3, 4), "float32"))
    model.note = "mine"
    before = dict(vars(model))
    last, kept, losses = model.last, [*model.outputs_of["dense"]], model.losses
    export.export_model(model, tmp_path, formats=formats)
    assert model.last is model.dense.latest is last
    assert vars(model).keys() == before.keys()
    assert model.calls == before["calls"]
    assert [id(each) for each in model.outputs_of["dense"]] == [*map(id, kept)]
    assert [id(each) for each in model.losses] == [*map(id, losses)]
    assert float(losses[0]) == pytest.approx(float(keras.ops.sum(last)))
    # A call counts as it did before.
    model(np.ones((1, 4), "float32"))
    assert model.calls == before["calls"] + 1
    assert model.last.shape == (1, 2)
    assert len(model.losses) == 1
