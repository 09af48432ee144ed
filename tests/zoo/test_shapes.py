"""The generated images of shapes."""

import numpy as np
import pytest

import zoo
from zoo.datasets.shapes import SIZE, image
from zoo.inference.autoencoders import encoder


def test_the_set():
    data = zoo.load_dataset("shapes")
    assert data.input_shape == (SIZE, SIZE, 1)
    assert data.train.x.dtype == np.uint8
    assert data.labels == ("disc", "square", "triangle")
    assert sum(len(split.y) for split in data.splits.values()) == 3_000
    assert all(
        split.x.max(axis=(1, 2, 3)).min() == 255 for split in data.splits.values()
    )
    again = zoo.load_dataset("shapes")
    np.testing.assert_array_equal(data.test.x, again.test.x)


@pytest.mark.parametrize(
    ("label", "area"),
    # Each holds a disc of radius 10 that touches its sides.
    [(0, np.pi * 100), (1, 400), (2, 3 * np.sqrt(3) * 100)],
)
def test_areas(label, area):
    for angle in (0.0, 0.5):
        pixels = image(label, np.array([30.0, 34.0]), 10.0, angle)
        assert pixels.sum() / 255 == pytest.approx(area, rel=0.01)
    rows, columns = np.indices((SIZE, SIZE))
    weights = pixels[..., 0] / pixels.sum()
    assert (rows * weights).sum() == pytest.approx(30, abs=0.1)
    assert (columns * weights).sum() == pytest.approx(34, abs=0.1)


def test_64_pixels_squared_to_32_numbers_and_back():
    model = zoo.create_model("conv_autoencoder.shapes")
    assert encoder(model).output["code"].shape == (None, 32)
    assert model.output_shape == (None, 64, 64, 1)
