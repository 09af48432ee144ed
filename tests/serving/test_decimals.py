"""Numbers in JSON: the text of TensorFlow Serving, however many there are."""

import numpy as np
import pytest

from serving.protocol.decimals import format_floats


def printf(value, dtype):
    """What TensorFlow Serving does with one number."""
    if not np.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    text = f"{float(value):.6g}"
    if dtype(text) != value:
        text = f"{float(value):.{9 if dtype is np.float32 else 17}g}"
    return text if "." in text or "e" in text else text + ".0"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("count", [1, 10, 64, 65, 50_000])
def test_text(dtype, count):
    rng = np.random.default_rng(count)
    unsigned = np.uint32 if dtype is np.float32 else np.uint64
    anything = rng.integers(0, np.iinfo(unsigned).max, count, unsigned).view(dtype)
    usual = rng.normal(size=count).astype(dtype) * dtype(10) ** rng.integers(
        -6, 9, count
    )
    whole = rng.integers(-(10**8), 10**8, count).astype(dtype)
    short = np.round(rng.normal(size=count), 3).astype(dtype)
    powers = dtype(10) ** rng.integers(-8, 9, count).astype(dtype)
    special = np.resize(dtype([0, -0.0, np.nan, np.inf, -np.inf, 1e-45, 1e6]), count)
    for array in (anything, usual, whole, short, powers, special):
        with np.errstate(all="ignore"):
            array = array.astype(dtype)
            assert format_floats(array) == [printf(x, dtype) for x in array]


def test_every_float32_comes_back():
    bits = np.random.default_rng(0).integers(0, 2**32, 200_000, np.uint32)
    array = bits.view(np.float32)
    array = array[np.isfinite(array)]
    again = np.float32([float(text) for text in format_floats(array)])
    np.testing.assert_array_equal(again.view(np.uint32), array.view(np.uint32))


def test_half_precision_is_written_as_float32():
    texts = ["0.0999755859", "1.0", "65504.0"]
    assert format_floats(np.float16([0.1, 1, 65504])) == texts
