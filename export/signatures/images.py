"""A signature that takes image files: decoding, resizing and scaling, then the model.

A file becomes what `zoo predict` makes of it: transparency is laid on white, colour is
made grey where the model has one channel, grey is repeated where it has three, and the
size is changed by bilinear interpolation with antialiasing. What EXIF says of the
orientation is not applied: TensorFlow has no operator that reads it.
"""

import dataclasses
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from export.samples import Batch, first_layers
from export.signature import NAME as DEFAULT
from export.signature import Signature
from export.signatures.base import AnySignature, Computed, described
from zoo.datasets.picture_fit import DONE
from zoo.inference.pictures import trained_pixels
from zoo.reading import Fit
from zoo.runs.trained import Trained

NAME = "serve_bytes"
INPUT = "image_bytes"
_WHITE = 255.0
_COLOURS = {1: "grey", 3: "colour"}
_LUMA = (0.299, 0.587, 0.114)  # ITU-R 601, as Pillow


@dataclasses.dataclass(frozen=True)
class ImageBytes(Computed):
    """Takes encoded images where the signature inside takes pixels.

    Args:
        of_pixels: The signature that takes pixels, with one input.
        shape: Height, width and channels, 1 or 3, of that input.
        scale: What pixels of 0..255 are multiplied with.
        fit: How images get their size, as in the training.
        description: One line, for the manifest.
    """

    of_pixels: Signature
    shape: tuple[int, int, int]
    scale: float
    fit: Fit
    description: str

    needs_tensorflow = True

    @property
    def inputs(self) -> tuple[tf.TensorSpec, ...]:
        """Name, dtype and shape of the one input."""
        return (tf.TensorSpec((None,), tf.string, name=INPUT),)

    def sample(self, batch_size: int) -> Batch:
        """Draws image files: of several formats, channels and sizes."""
        generator = np.random.default_rng(batch_size)
        files = np.empty(batch_size, object)
        files[:] = [self._draw(generator, i) for i in range(batch_size)]
        return {INPUT: files}

    def _draw(self, generator: np.random.Generator, i: int) -> bytes:
        height, width, _ = self.shape
        encode, channels = _KINDS[i % len(_KINDS)]
        shape = height + i % 3, 2 * width - i % 2, channels
        return encode(generator.integers(256, size=shape, dtype="uint8")).numpy()

    def __call__(self, inputs: Batch) -> Batch:
        """Computes the reference outputs, file by file."""
        pixels = np.array([self._pixels(file) for file in inputs[INPUT]])
        return self.of_pixels({str(self._spec.name): pixels})

    def traced(self, image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph that is exported."""
        pixels = tf.map_fn(
            self._pixels, image_bytes, fn_output_signature=self._spec.dtype
        )
        pixels.set_shape((None, *self.shape))
        return dict(self.of_pixels.within(pixels))

    def resources(self) -> list[Any]:
        """Returns the variables and tables that the graph reads."""
        return self.of_pixels.resources()

    @property
    def _spec(self) -> tf.TensorSpec:
        return self.of_pixels.inputs[0]

    def _pixels(self, file: Any) -> tf.Tensor:
        height, width, channels = self.shape
        pixels = on_white(tf.io.decode_image(file, expand_animations=False), channels)
        pixels = fitted(pixels, (height, width), self.fit)
        return tf.cast(pixels * self.scale, self._spec.dtype)


# How samples are encoded, and their channels.
_KINDS = (
    (tf.io.encode_png, 3),
    (tf.io.encode_jpeg, 1),
    (tf.io.encode_png, 4),
    (tf.io.encode_png, 1),
    (tf.io.encode_jpeg, 3),
    (tf.io.encode_png, 2),
)


def on_white(image: tf.Tensor, channels: int) -> tf.Tensor:
    """Returns an image of grey or colours, with or without alpha, as grey or colour.

    Args:
        image: `(height, width, c)` of type `uint8`, with 1 to 4 channels.
        channels: 1 for grey, 3 for colour.

    >>> half = tf.constant([[[100, 128]]], "uint8")
    >>> on_white(half, 3).numpy().round().tolist()
    [[[177.0, 177.0, 177.0]]]
    """
    values = tf.cast(image, tf.float32)
    count = tf.shape(values)[2]
    alpha = tf.cond(
        tf.math.floormod(count, 2) == 0,
        lambda: values[:, :, -1:] / _WHITE,
        lambda: tf.ones_like(values[:, :, :1]),
    )
    values = tf.cond(
        count < 3,
        lambda: tf.repeat(values[:, :, :1], 3, axis=-1),
        lambda: values[:, :, :3],
    )
    values = values * alpha + _WHITE * (1 - alpha)
    if channels == 1:
        return tf.reduce_sum(values * _LUMA, axis=-1, keepdims=True)
    return values


def fitted(image: tf.Tensor, size: tuple[int, int], fit: Fit) -> tf.Tensor:
    """Returns an image of a size, as `zoo.datasets.picture_fit.fitted` does.

    Args:
        image: `(height, width, channels)` of floats.
        size: Height and width.
        fit: `resize`, `crop` or `pad`.
    """
    if fit == "resize":
        return tf.image.resize(image, size, antialias=True)
    height, width = tf.shape(image)[0], tf.shape(image)[1]
    h, w = size
    if fit == "crop":
        rows = _least(height, width * h / w)
        columns = _least(width, height * w / h)
        top, left = (height - rows) // 2, (width - columns) // 2
        part = tf.image.crop_to_bounding_box(image, top, left, rows, columns)
        return tf.image.resize(part, size, antialias=True)
    rows, columns = _least(h, w * height / width), _least(w, h * width / height)
    scaled = tf.image.resize(image, (rows, columns), antialias=True)
    top, left = (h - rows) // 2, (w - columns) // 2
    return tf.image.pad_to_bounding_box(scaled, top, left, h, w)


def _least(most: Any, proportional: tf.Tensor) -> tf.Tensor:
    """A whole number of pixels, one or more."""
    return tf.minimum(most, tf.maximum(1, tf.cast(tf.round(proportional), tf.int32)))


def signatures(
    source: Trained, found: dict[str, AnySignature]
) -> dict[str, AnySignature]:
    """Returns `serve_bytes` of a model of images whose range of pixels is known."""
    default = found[DEFAULT]
    if not isinstance(default, Signature) or len(default.inputs) != 1:
        return {}
    match described(default.inputs[0])["shape"]:
        case [None, int(height), int(width), 1 | 3 as channels]:
            scale = _scale(source, default)
        case _:
            return {}
    if scale is None:
        return {}
    fit = source.reading.get("fit", "resize")
    description = (
        f"PNG, JPEG, GIF or BMP files, made {_COLOURS[channels]}, {DONE[fit]} to "
        f"{height} x {width} pixels, 0..{255 * scale:g}; EXIF orientation is not "
        "applied"
    )
    shape = height, width, channels
    return {NAME: ImageBytes(default, shape, scale, fit, description)}


def _scale(source: Trained, default: Signature) -> float | None:
    """Returns what pixels of 0..255 are multiplied with; None where that is unknown."""
    if source.task is not None:
        pixels = trained_pixels(source)
        return None if pixels is None else pixels.largest / _WHITE
    if default.inputs[0].dtype == tf.uint8:
        return 1.0
    takes_bytes = any(map(_rescales_bytes, first_layers(default.call, 0)[:1]))
    return 1.0 if takes_bytes else None


def _rescales_bytes(layer: keras.Operation) -> bool:
    """Whether a layer rescales 0..255 to 0..1 or to -1..1."""
    if not hasattr(layer, "scale") or not hasattr(layer, "offset"):
        return False
    scale, offset = np.unique(layer.scale), np.unique(layer.offset)
    if len(scale) != 1 or len(offset) != 1:
        return False
    low, high = offset[0], _WHITE * scale[0] + offset[0]
    return bool(np.isclose(high, 1, atol=1e-2) and np.isclose(low, [0, -1]).any())
