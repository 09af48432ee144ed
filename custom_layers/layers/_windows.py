"""Arguments and output shapes of convolution and pooling."""

from collections.abc import Iterable

import keras

from custom_layers._types import Shape


def per_dimension(
    value: int | Iterable[int], rank: int, name: str, least: int = 1
) -> tuple[int, ...]:
    """Returns one integer for each of `rank` dimensions, each at least `least`."""
    problem = (
        f"The `{name}` argument must be a tuple of {rank} integers. "
        f"Received {name}={value}"
    )
    if isinstance(value, int):
        sizes = (value,) * rank
    elif isinstance(value, Iterable) and not isinstance(value, str):
        sizes = tuple(value)
    else:
        raise ValueError(problem)
    if len(sizes) != rank:
        raise ValueError(f"{problem} of length {len(sizes)}")
    strangers = [size for size in sizes if not hasattr(size, "__index__")]
    if strangers:
        kinds = ", ".join(f"{s} of type {type(s).__name__}" for s in strangers)
        raise ValueError(f"{problem}, including {kinds}")
    below = {size for size in sizes if size < least}
    if below:
        condition = "value > 0" if least == 1 else f"value >= {least}"
        raise ValueError(
            f"{problem}, including values {below} that do not satisfy `{condition}`"
        )
    return sizes


def window_padding(padding: str, causal: bool = False) -> str:
    """Validates the padding; `"causal"` where the layer supports it."""
    name = padding.lower() if isinstance(padding, str) else padding
    if name not in ("valid", "same", *(["causal"] if causal else [])):
        also = " or 'causal' (padding before the first step only)" if causal else ""
        raise ValueError(
            "The `padding` argument must be 'valid' (no padding) or 'same' (padding "
            f"that keeps ceil(size / stride) positions){also}. "
            f"Received: padding={padding}"
        )
    return name


def image_data_format(data_format: str | None) -> str:
    """Validates the data format; `None` is Keras' current default."""
    if data_format is None:
        return keras.config.image_data_format()
    name = str(data_format).lower()
    if name not in ("channels_first", "channels_last"):
        raise ValueError(
            "The `data_format` argument must be 'channels_last', 'channels_first' "
            f"or None. Received: data_format={data_format}"
        )
    return name


def split_shape(shape: Shape, data_format: str) -> tuple[Shape, int | None]:
    """Splits the shape of a batch of images into spatial sizes and channels."""
    if data_format == "channels_last":
        return tuple(shape[1:-1]), shape[-1]
    return tuple(shape[2:]), shape[1]


def join_shape(
    batch: int | None, spatial: Shape, channels: int | None, data_format: str
) -> Shape:
    """Joins spatial sizes and channels to the shape of a batch of images."""
    if data_format == "channels_last":
        return (batch, *spatial, channels)
    return (batch, channels, *spatial)


def window_positions(
    sizes: Shape,
    windows: tuple[int, ...],
    strides: tuple[int, ...],
    padding: str,
    dilations: tuple[int, ...] | None = None,
) -> Shape:
    """Returns the output size of each dimension; `None` for an unknown one.

    `valid: floor((size - extent) / stride) + 1, extent = dilation * (window - 1) + 1`;
    `same and causal: ceil(size / stride)`.
    """
    positions = []
    dilations = dilations or (1,) * len(windows)
    for size, window, stride, dilation in zip(
        sizes, windows, strides, dilations, strict=True
    ):
        if size is None:
            positions.append(None)
        elif padding == "valid":
            reach = dilation * (window - 1) + 1
            positions.append((size - reach) // stride + 1)
        else:
            positions.append(-(-size // stride))
    if padding == "valid" and any(n is not None and n <= 0 for n in positions):
        raise ValueError(
            "Computed output size would be zero or negative. Use a smaller window, a "
            f"larger input or padding='same'. Received: input sizes {tuple(sizes)}, "
            f"window {windows}, strides={strides}, dilation_rate={dilations}, "
            f"padding={padding}"
        )
    return tuple(positions)
