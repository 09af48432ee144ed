"""Convolutions in double precision."""

import numpy as np


def _padding(size, window, stride, dilation, padding):
    if padding == "valid":
        return 0, 0
    reach = (window - 1) * dilation + 1
    total = max((-(-size // stride) - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2


def windows(x, size, strides, padding, dilation=(1, 1), fill=0.0):
    """`(batch, rows, columns, height, width, channels)` of a channels-last image."""
    borders = [
        _padding(x.shape[1 + i], size[i], strides[i], dilation[i], padding)
        for i in range(2)
    ]
    x = np.pad(x, [(0, 0), *borders, (0, 0)], constant_values=fill)
    reach = [(size[i] - 1) * dilation[i] + 1 for i in range(2)]
    rows = range(0, x.shape[1] - reach[0] + 1, strides[0])
    columns = range(0, x.shape[2] - reach[1] + 1, strides[1])
    return np.array(
        [
            [
                x[:, r : r + reach[0] : dilation[0], c : c + reach[1] : dilation[1]]
                for c in columns
            ]
            for r in rows
        ]
    ).transpose(2, 0, 1, 3, 4, 5)


def conv(
    x, kernel, bias=0.0, strides=(1, 1), padding="valid", dilation=(1, 1), groups=1
):
    parts = windows(x, kernel.shape[:2], strides, padding, dilation)
    outputs = [
        np.einsum("brcuvi,uvif->brcf", part, filters)
        for part, filters in zip(
            np.split(parts, groups, axis=-1),
            np.split(kernel, groups, axis=-1),
            strict=True,
        )
    ]
    return np.concatenate(outputs, axis=-1) + bias


def channels_first(function):
    def moved(x, *weights, **options):
        y = function(np.moveaxis(x, 1, -1), *weights, **options)
        return np.moveaxis(y, -1, 1)

    return moved
