"""What the comparison of an artifact's outputs finds, and in which batch."""

import types

import keras
import numpy as np
import pytest

from export import ParityError, parity
from export.signature import signature_of

NAN, INF = float("nan"), float("inf")
DESCRIBED = {"serving_default": {"inputs": {"x": {}}, "outputs": {"y": {}}}}


def compare(got, want):
    """Compares the outputs of two batches, where the artifact has `got`."""
    reference = {
        "serving_default": [
            ({"x": np.zeros((len(y), 1), "float32")}, {"y": np.asarray(y)})
            for y in want
        ]
    }
    artifact = types.SimpleNamespace(
        name="fake",
        held=lambda signatures: signatures,
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


def test_the_size_of_a_sample_is_its_own():
    """A sample of large outputs does not excuse the others of its batch."""
    want = np.float32([[1.0, 1.0], [1e3, 1e3]])
    with pytest.raises(ParityError, match=r"y by 0\.001"):
        compare([want + np.float32([[1e-3], [0.0]])], [want])


@pytest.mark.parametrize("is_last", [False, True])
@pytest.mark.parametrize(
    ("got", "want"),
    [
        (np.float32([1.0, 1.0001]), np.float32([1.0, 1.0])),
        (np.float32([INF, 1.0]), np.float32([-INF, 1.0])),
        (np.float32([1.0, 1.0]), np.float32([INF, 1.0])),
        (np.float32([NAN, 1.0]), np.float32([INF, 1.0])),
        (np.float32([1.0, 1.0]), np.float32([NAN, 1.0])),
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


def test_what_is_not_finite_in_both_is_equal():
    same = np.float32([NAN, INF, -INF, 1.0])
    figures = compare([same], [same])
    assert figures["max_difference"]["fake"]["y"] == 0


def test_a_saturated_softmax_hides_nothing():
    """Both are one-hot within 1e-8, of logits that differ by 1."""
    got, want = (np.float32([[1, np.exp(-20 - d)]]) for d in (1, 0))
    with pytest.raises(ParityError, match="y by 0.05"):
        compare([got], [want])


@pytest.mark.parametrize("take", [np.asarray, np.log])
def test_the_complement_of_a_sigmoid_may_be_off_by_its_rounding(take):
    p = np.float32(0.9995)
    near, far = np.nextafter(p, np.float32(1)), p + np.float32(2e-6)
    got, want, wrong = (take(np.float32([[x, 1 - x]])) for x in (near, p, far))
    assert compare([got], [want])
    with pytest.raises(ParityError):
        compare([wrong], [want])


def test_rounding_errors_are_judged_by_what_was_summed():
    want = np.float32([[1000, -1000, 0.5]])
    assert compare([want + np.float32([[0, 0, 1e-3]])], [want])
    with pytest.raises(ParityError):
        compare([want + np.float32([[0, 0, 1e-1]])], [want])


def test_samples_have_the_statistics_of_the_training():
    x = keras.Input((4,), name="x")
    layer = keras.layers.Normalization(mean=100.0, variance=4.0)
    model = keras.Model(x, {"y": layer(x)})
    sample = signature_of(model).sample(1_000)["x"]
    assert sample.mean() == pytest.approx(100.0, abs=0.2)
    assert sample.std() == pytest.approx(2.0, rel=0.1)
