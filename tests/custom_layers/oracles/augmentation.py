"""Transformed images in double precision, pixel by pixel."""

import math

import numpy as np


def pixel(image, row, column, mode, fill):
    """The pixel at whole positions, which may be outside."""
    for axis, position in enumerate((row, column)):
        if not 0 <= position < image.shape[axis] and mode == "constant":
            return np.full(image.shape[-1], fill, float)
    rows, columns = image.shape[:2]
    return image[min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)]


def folded(position, size, mode):
    """Where inside a row a position outside belongs."""
    if mode == "reflect":
        while not -0.5 <= position <= size - 0.5:
            position = -1 - position if position < 0 else 2 * size - 1 - position
    elif mode == "wrap":
        # As TensorFlow goes round: nothing lies between the last and the first.
        if position < 0:
            position += size * (int(-position / (size - 1)) + 1)
        elif position > size - 1:
            position -= size * int(position / (size - 1))
    if mode == "constant":
        return position
    return min(max(position, 0), size - 1)


def read(image, row, column, interpolation="bilinear", mode="reflect", fill=0.0):
    """The image at any position."""
    row, column = (
        folded(p, n, mode) for p, n in zip((row, column), image.shape, strict=False)
    )
    if interpolation == "nearest":
        return pixel(image, nearest(row), nearest(column), mode, fill)
    top, left = math.floor(row), math.floor(column)
    total = 0.0
    for i, share in ((top, top + 1 - row), (top + 1, row - top)):
        for j, part in ((left, left + 1 - column), (left + 1, column - left)):
            total = total + share * part * pixel(image, i, j, mode, fill)
    return total


def nearest(position):
    return int(math.copysign(math.floor(abs(position) + 0.5), position))


def moved(image, source, **options):
    """The image whose pixel (i, j) is read at `source(i, j)`."""
    height, width = image.shape[:2]
    return np.array(
        [
            [read(image, *source(i, j), **options) for j in range(width)]
            for i in range(height)
        ]
    )


def translated(image, down, right, **options):
    return moved(image, lambda i, j: (i - down, j - right), **options)


def zoomed(image, height_zoom, width_zoom, **options):
    c, d = ((n - 1) / 2 for n in image.shape[:2])
    return moved(
        image,
        lambda i, j: (c + height_zoom * (i - c), d + width_zoom * (j - d)),
        **options,
    )


def rotated(image, degrees, **options):
    c, d = ((n - 1) / 2 for n in image.shape[:2])
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return moved(
        image,
        lambda i, j: (
            c + (i - c) * cos + (j - d) * sin,
            d + (j - d) * cos - (i - c) * sin,
        ),
        **options,
    )


def contrast(image, factor, low, high):
    mean = image.mean(axis=(0, 1))
    return np.clip(mean + factor * (image - mean), low, high)
