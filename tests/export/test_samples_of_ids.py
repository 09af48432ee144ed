"""Ids that samples are made of are those that the model has rows for."""

import keras
import pytest

import custom_layers
from export.samples import number_of_ids
from export.signature import signature_of


@pytest.mark.parametrize("embedding", [keras.layers.Embedding, custom_layers.Embedding])
def test_ids_of_one_step_are_rows_of_the_embedding(embedding):
    """A step of a language model takes an id and a state, which says nothing of it."""
    token = keras.Input((), dtype="int32", name="token")
    state = keras.Input((4,), name="state")
    model = keras.Model([token, state], embedding(9, 4)(token) + state)
    signature = signature_of(model)
    assert number_of_ids(signature.call) == {0: 9}
    for batch_size in (1, 8, 32):
        ids = signature.sample(batch_size)["token"]
        assert ids.min() >= 0
        assert ids.max() < 9
