"""What dropout of channels does beyond the checks that all layers share."""

import keras
import numpy as np
import pytest

import custom_layers as cl

from .backends import gradient, numbers, tensorflow_only

CASES = {
    "1D": (lambda p, **o: p.SpatialDropout1D(0.4, **o), (50, 3, 20), (1,)),
    "last": (lambda p, **o: p.SpatialDropout2D(0.4, **o), (50, 3, 2, 20), (1, 2)),
    "first": (
        lambda p, **o: p.SpatialDropout2D(0.4, "channels_first", **o),
        (50, 20, 3, 2),
        (2, 3),
    ),
}
cases = pytest.mark.parametrize(("make", "shape", "axes"), CASES.values(), ids=CASES)


@cases
def test_a_channel_is_silent_everywhere_or_nowhere(make, shape, axes):
    y = numbers(make(cl, seed=1)(np.ones(shape, "float32"), training=True))
    np.testing.assert_array_equal(y.min(axis=axes), y.max(axis=axes))
    channels = y.max(axis=axes)
    np.testing.assert_allclose(np.unique(channels), [0, 1 / 0.6], rtol=1e-6)
    assert abs((channels == 0).mean() - 0.4) < 0.05
    assert len({tuple(row) for row in channels}) > 1, "all samples lose the same"


@tensorflow_only
@cases
@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_a_seed_silences_what_the_namesake_silences(make, shape, axes, dtype):
    x = np.random.default_rng(1).normal(size=shape).astype("float32")
    ours, theirs = (make(p, seed=9, dtype=dtype) for p in (cl, keras.layers))
    for _ in range(2):
        np.testing.assert_allclose(
            numbers(ours(x, training=True)),
            numbers(theirs(x, training=True)),
            rtol=2e-3,
        )


@cases
def test_the_gradient_flows_through_what_is_kept(make, shape, axes):
    x = np.ones(shape, "float32")
    slope = numbers(gradient(lambda x: make(cl, seed=3)(x, training=True), x))
    np.testing.assert_allclose(np.unique(slope), [0, 1 / 0.6], rtol=1e-6)


def test_it_is_a_dropout_with_its_errors():
    assert isinstance(cl.SpatialDropout1D(0.5), cl.Dropout)
    with pytest.raises(ValueError, match=r"`rate`.*rate=2"):
        cl.SpatialDropout1D(2)
    with pytest.raises(ValueError, match=r"`data_format`.*=x"):
        cl.SpatialDropout2D(0.5, data_format="x")
    with pytest.raises(ValueError, match=r"expected ndim=3"):
        cl.SpatialDropout1D(0.5)(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"expected ndim=4"):
        cl.SpatialDropout2D(0.5)(np.ones((2, 3)))
