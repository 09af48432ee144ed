"""Pictures as arrays, for what takes them as files."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from zoo.inference.answers.answerer import Answerer

_SIDE = 256  # pixels of the longer side, at most: many copies are made


class PicturesAsFiles(Answerer):
    """Sends pictures as PNG files, so that size and range are those of the training.

    Args:
        answerer: Takes files.
    """

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self.takes = answerer.takes

    def outputs(self, samples: Any) -> Mapping[str, np.ndarray]:
        """Computes the outputs of pictures `(samples, height, width, channels)`."""
        found = self._answerer.outputs([_encoded(each) for each in samples])
        self.labels, self.targets = self._answerer.labels, self._answerer.targets
        return found


def decoded(file: bytes) -> np.ndarray:
    """Returns a picture `(height, width, channels)` from 0 to 255, made smaller."""
    with Image.open(io.BytesIO(file)) as picture:
        picture.thumbnail((_SIDE, _SIDE))
        pixels = np.asarray(picture, "float32")
    return pixels.reshape(*pixels.shape[:2], -1)


def _encoded(pixels: np.ndarray) -> bytes:
    whole = np.clip(np.rint(pixels), 0, 255).astype("uint8")
    file = io.BytesIO()
    Image.fromarray(whole[..., 0] if whole.shape[-1] == 1 else whole).save(file, "PNG")
    return file.getvalue()
