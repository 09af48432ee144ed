"""Interpolation between the points of an image by TensorFlow's kernel."""

from keras import ops

from custom_layers._types import Tensor


def enlarge(images: Tensor, factors: tuple[int, int], interpolation: str) -> Tensor:
    """Enlarges channels-last images bilinearly.

    XLA has no right kernel for odd factors and none for other interpolations.
    """
    if interpolation != "bilinear" or any(f > 1 and f % 2 for f in factors):
        return NotImplemented
    _, height, width, _ = ops.shape(images)
    larger = (height * factors[0], width * factors[1])
    return ops.image.resize(images, larger, data_format="channels_last")
