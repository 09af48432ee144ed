"""Anchor boxes of a feature map."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers._types import Shape, Tensor

__all__ = ["AnchorBoxes"]


@keras.saving.register_keras_serializable("custom_layers")
class AnchorBoxes(keras.layers.Layer):
    r"""Boxes of several sizes and aspect ratios around each cell of a feature map.

    .. math::

        \Big(x \mp \tfrac{1}{2} s \sqrt{r}, \; y \mp \tfrac{1}{2} s / \sqrt{r}\Big),
        \qquad
        (x, y) = \mathrm{stride} \cdot \big(j + \tfrac{1}{2}, \, i + \tfrac{1}{2}\big)

    for the cell in row `i` and column `j`, each size `s` and each ratio `r` of width to
    height. Boxes are `(left, top, right, bottom)` in pixels of the image, and may reach
    beyond it.

    Args:
        stride: Pixels of the image between two cells of the feature map.
        sizes: Square roots of the areas of the boxes, in pixels.
        aspect_ratios: Widths of the boxes over their heights.

    Shapes:
        `(batch, height, width, channels)` to
        `(batch, height * width * sizes * aspect_ratios, 4)`: row by row, in a row cell
        by cell, in a cell size by size, of a size ratio by ratio.

    Example:

    >>> boxes = AnchorBoxes(stride=8, sizes=(4,))(ops.zeros((1, 1, 2, 5)))
    >>> ops.convert_to_numpy(boxes[0]).tolist()
    [[2.0, 2.0, 6.0, 6.0], [10.0, 2.0, 14.0, 6.0]]

    Reference:
        Liu et al., 2016, SSD: single shot multibox detector.
    """

    def __init__(
        self,
        stride: float,
        sizes: Sequence[float],
        aspect_ratios: Sequence[float] = (1.0,),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.stride = stride
        self.sizes = tuple(sizes)
        self.aspect_ratios = tuple(aspect_ratios)
        for name in ("sizes", "aspect_ratios"):
            values = getattr(self, name)
            if not values or min(values) <= 0:
                raise ValueError(
                    f"`{name}` must hold positive numbers, one or more. "
                    f"Received: {name}={values}"
                )
        if stride <= 0:
            raise ValueError(f"`stride` must be positive. Received: stride={stride}")
        self.input_spec = keras.layers.InputSpec(ndim=4)
        self._build_at_init()

    @property
    def boxes_per_cell(self) -> int:
        """Number of boxes around a cell."""
        return len(self.sizes) * len(self.aspect_ratios)

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the boxes; of the inputs only the shape matters."""
        batch, height, width, _ = ops.shape(inputs)
        x, y = (self._centres(size, inputs.dtype) for size in (width, height))
        x = ops.broadcast_to(ops.reshape(x, (1, -1, 1)), (height, width, 1))
        y = ops.broadcast_to(ops.reshape(y, (-1, 1, 1)), (height, width, 1))
        half = ops.cast(self._half_sides(), inputs.dtype)
        sides = (x - half[0], y - half[1], x + half[0], y + half[1])
        boxes = ops.reshape(ops.stack(sides, axis=-1), (1, -1, 4))
        return ops.repeat(boxes, batch, axis=0)

    def _centres(self, size: Any, dtype: str) -> Tensor:
        return (ops.cast(ops.arange(size), dtype) + 0.5) * self.stride

    def _half_sides(self) -> np.ndarray:
        """Half the width and half the height of each box around a cell."""
        roots = np.sqrt(self.aspect_ratios)
        return np.array(
            [np.outer(self.sizes, each).reshape(-1) / 2 for each in (roots, 1 / roots)]
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the boxes."""
        batch, height, width, _ = input_shape
        if height is None or width is None:
            return (batch, None, 4)
        return (batch, height * width * self.boxes_per_cell, 4)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "stride": self.stride,
            "sizes": self.sizes,
            "aspect_ratios": self.aspect_ratios,
        }
