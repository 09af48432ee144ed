"""What the comparison of an artifact's outputs finds, and in which batch."""

import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from export import ParityError, parity
from export.signature import Signature

NAN, INF = float("nan"), float("inf")
DESCRIBED = {"serving_default": {"inputs": {"x": {}}, "outputs": {"y": {}}}}


def compare(got, want):
    """Compares the outputs of two batches, where the artifact has `got`."""
    reference = [
        ({"x": np.zeros((len(y), 1), "float32")}, {"y": np.asarray(y)}) for y in want
    ]
    artifact = types.SimpleNamespace(
        name="fake",
        select=lambda signatures: signatures,
        predict=lambda folder, requests: [{"y": np.asarray(y)} for y in got],
    )
    return parity.compare(None, [artifact], DESCRIBED, reference)


def test_the_largest_difference_of_all_batches_counts():
    want = [np.float32([1.0]), np.float32([1.0, 100.0])]
    got = [np.float32([1.0]), np.float32([1.0, 100.0005])]
    figures = compare(got, want)
    assert figures["max_difference"]["fake"]["y"] == pytest.approx(5e-6, rel=0.1)
    assert figures["batch_sizes"] == [1, 2]
    figures = compare(got[::-1], want[::-1])
    assert figures["max_difference"]["fake"]["y"] == pytest.approx(5e-6, rel=0.1)


@pytest.mark.parametrize("is_last", [False, True])
@pytest.mark.parametrize(
    ("got", "want"),
    [
        (np.float32([1.0, 1.0001]), np.float32([1.0, 1.0])),
        (np.float32([NAN, 1.0]), np.float32([NAN, 1.0])),
        (np.float32([INF, 1.0]), np.float32([INF, 1.0])),
        (np.float32([NAN, 1.0]), np.float32([1.0, 1.0])),
        (np.float64([1.0, 1.0]), np.float32([1.0, 1.0])),
        (np.float32([1.0]), np.float32([1.0, 1.0])),
        (np.int64([1, 2]), np.int64([1, 3])),
        (np.int32([1, 2]), np.int64([1, 2])),
        (np.array(["a", "b"]), np.array(["a", "c"])),
    ],
)
def test_a_difference_in_one_batch_is_found(got, want, is_last):
    same = np.float32([1.0])
    batches = [(same, same), (got, want)] if is_last else [(got, want), (same, same)]
    with pytest.raises(ParityError, match="The fake artifact differs .* y by"):
        compare(*zip(*batches, strict=True))


def test_samples_have_the_statistics_of_the_training():
    x = keras.Input((4,), name="x")
    layer = keras.layers.Normalization(mean=100.0, variance=4.0)
    model = keras.Model(x, {"y": layer(x)})
    spec = tf.TensorSpec((None, 4), "float32", name="x")
    sample = Signature(model, (spec,)).sample(1_000)["x"]
    assert sample.mean() == pytest.approx(100.0, abs=0.2)
    assert sample.std() == pytest.approx(2.0, rel=0.1)
