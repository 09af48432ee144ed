"""Pictures of any size as tiles of the size that a model takes."""

import math

import numpy as np

Shape = tuple[int, int, int]


def count(picture: tuple[int, ...], tile: Shape) -> int:
    """Returns how many tiles `split` makes of a picture.

    >>> count((40, 30, 3), (28, 28, 1))
    12
    """
    planes = picture[2] if tile[2] == 1 else 1
    return planes * math.prod(_grid(picture, tile))


def split(pixels: np.ndarray, tile: Shape) -> np.ndarray:
    """Returns the tiles of a picture, row by row.

    Its edges are continued by their last pixels. For a model of one channel each colour
    is a picture of its own; for one of three, grey is every colour.

    Args:
        pixels: `(height, width, channels)`.
        tile: Height, width and channels of a tile.

    Returns:
        `(tiles, height, width, channels)`.
    """
    height, width, channels = tile
    rows, columns = _grid(pixels.shape, tile)
    below, right = rows * height - pixels.shape[0], columns * width - pixels.shape[1]
    x = np.pad(pixels, [(0, below), (0, right), (0, 0)], mode="edge")
    if channels == 3 and x.shape[2] == 1:
        x = np.repeat(x, 3, axis=2)
    x = x.reshape(rows, height, columns, width, -1, channels)
    return x.transpose(4, 0, 2, 1, 3, 5).reshape(-1, *tile)


def join(tiles: np.ndarray, picture: Shape) -> np.ndarray:
    """Returns the picture of tiles, as `split` cut it.

    >>> pixels = np.arange(30 * 41 * 3).reshape(30, 41, 3)
    >>> bool((join(split(pixels, (28, 28, 1)), pixels.shape) == pixels).all())
    True
    """
    tile = tiles.shape[1:]
    rows, columns = _grid(picture, tile)
    x = tiles.reshape(-1, rows, columns, *tile).transpose(1, 3, 2, 4, 0, 5)
    x = x.reshape(rows * tile[0], columns * tile[1], -1)
    if x.shape[2] > picture[2]:
        x = x.mean(axis=2, keepdims=True)
    return x[: picture[0], : picture[1]]


def _grid(picture: tuple[int, ...], tile: tuple[int, ...]) -> tuple[int, int]:
    return math.ceil(picture[0] / tile[0]), math.ceil(picture[1] / tile[1])
