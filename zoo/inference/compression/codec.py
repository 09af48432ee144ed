"""An autoencoder as a codec of pictures."""

import os
from collections.abc import Callable, Iterator, Sequence

import keras
import numpy as np

from zoo.errors import ArgumentError
from zoo.inference import autoencoders
from zoo.inference.compression import tiles
from zoo.inference.pictures import trained_pixels
from zoo.runs.run import Run
from zoo.runs.trained import trained
from zoo.weights.digest import digest

_BATCH = 512  # tiles


class Codec:
    """Encoder and decoder of a trained autoencoder, for pictures of 8 bits.

    Args:
        model_or_name: An autoencoder of pictures: a model, a `Run`, a run folder, a
            `.keras` file, or a name whose weights ship.

    Raises:
        ArgumentError: If the model has no code, or takes no pictures of a fixed size
            with one or three channels.
        UnknownNameError: If there is no such model.
        WeightsError: If there are no weights, or they are corrupted.
    """

    def __init__(self, model_or_name: keras.Model | Run | str | os.PathLike) -> None:
        subject = trained(model_or_name)
        self.name, self.weights = subject.name, digest(subject.model)
        self.parameters = subject.model.count_params()
        self._encoder = autoencoders.encoder(subject.model)
        self._decoder = autoencoders.decoder(subject.model)
        self.tile = _tile(subject.name, subject.model.input_shape)
        pixels = trained_pixels(subject)
        self._scale = 1.0 if pixels is None else pixels.largest / 255

    @property
    def dimensions(self) -> int:
        """Of the code of a tile."""
        return self._decoder.input_shape[-1]

    def encode(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """Returns the codes `(tiles, dimensions)` of the tiles of all pictures."""
        found = []
        for group in self._groups([pixels.shape for pixels in pictures]):
            parts = [tiles.split(pixels, self.tile) for pixels in pictures[group]]
            x = np.concatenate(parts).astype("float32") * self._scale
            found += [self._encoder.predict_on_batch(x)["code"] for x in _batches(x)]
        return np.concatenate(found)

    def decode(
        self, codes: Callable[[int], np.ndarray], shapes: Sequence[tiles.Shape]
    ) -> Iterator[np.ndarray]:
        """Yields the pixels, 0 to 255, of pictures of these shapes.

        Args:
            codes: Returns those of the next tiles, by their number.
            shapes: Height, width and channels of each picture.
        """
        for group in self._groups(shapes):
            counts = [tiles.count(shape, self.tile) for shape in shapes[group]]
            x = np.concatenate(
                [
                    self._decoder.predict_on_batch(part)["reconstruction"]
                    for part in _batches(codes(sum(counts)))
                ]
            )
            parts = np.split(x, np.cumsum(counts)[:-1])
            for part, shape in zip(parts, shapes[group], strict=True):
                yield np.rint(255 * tiles.join(part, shape)).astype("uint8")

    def _groups(self, shapes: Sequence[tuple[int, ...]]) -> Iterator[slice]:
        """Yields pictures that together fill a batch."""
        start = held = 0
        for end, shape in enumerate(shapes, 1):
            held += tiles.count(shape, self.tile)
            if held >= _BATCH or end == len(shapes):
                yield slice(start, end)
                start, held = end, 0


def _tile(name: str, shape: tuple[int | None, ...]) -> tiles.Shape:
    match shape:
        case (None, int(height), int(width), (1 | 3) as channels):
            return height, width, channels
    raise ArgumentError(
        f"{name} takes samples of shape {shape[1:]}; pictures are compressed by an "
        "autoencoder of (height, width, 1 or 3), such as conv_autoencoder.mnist."
    )


def _batches(x: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(x), _BATCH):
        yield x[start : start + _BATCH]
