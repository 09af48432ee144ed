"""Arrays that fit a signature."""

from collections.abc import Mapping

import numpy as np

from serving.errors import ServingError
from serving.protocol.signature_def import NUMPY_DTYPES, TensorInfo

DYNAMIC_SIZE = 16  # of an axis other than the batch, such as the time of a sequence


def make_sample(
    inputs: Mapping[str, TensorInfo], batch_size: int
) -> dict[str, np.ndarray]:
    """Draws a batch, the same each time.

    Floats are between 0 and 1, integers 0 or 1 (token ids that each vocabulary has),
    strings a word.

    Raises:
        ServingError: For a type that has no such value.

    Example:

    >>> x = TensorInfo("x", "DT_INT64", (None, None, 2), "x:0")
    >>> make_sample({"x": x}, 8)["x"].shape
    (8, 16, 2)
    """
    generator = np.random.default_rng(0)
    return {
        name: _draw(info, batch_size, generator)
        for name, info in sorted(inputs.items())
    }


def _draw(
    info: TensorInfo, batch_size: int, generator: np.random.Generator
) -> np.ndarray:
    dtype = NUMPY_DTYPES.get(info.dtype)
    if dtype is None:
        raise ServingError(
            f"No sample of {info.dtype} for {info.name!r} can be drawn; give --input."
        )
    axes = info.shape if info.shape is not None else (None,)
    shape = [
        size if size is not None else DYNAMIC_SIZE if axis else batch_size
        for axis, size in enumerate(axes)
    ]
    if dtype.kind == "f":
        return generator.random(shape).astype(dtype)
    if dtype.kind == "O":
        return np.full(shape, b"text", object)
    return generator.integers(0, 2, shape).astype(dtype)
