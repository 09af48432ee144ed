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


@pytest.mark.parametrize("stateful", [False, True])
def test_a_state_that_each_call_changes_is_said(stateful, tmp_path, capsys):
    x = keras.Input(batch_shape=(2, 3, 4))
    y = keras.layers.SimpleRNN(2, stateful=stateful)(x)
    model = keras.Model(x, y, name="remembers")
    export.export_model(model, tmp_path, formats=["saved_model"])
    said = " ".join(capsys.readouterr().err.split())
    sentence = "Each call changes the state of model 'remembers'"
    assert (sentence in said) == stateful
