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


def conv_1d(x, kernel, bias=0.0, strides=1, padding="valid", dilation=1, groups=1):
    if padding == "causal":
        past = (len(kernel) - 1) * dilation
        x, padding = np.pad(x, [(0, 0), (past, 0), (0, 0)]), "valid"
    return conv(
        x[:, :, None],
        kernel[:, None],
        bias,
        (strides, 1),
        padding,
        (dilation, 1),
        groups,
    )[:, :, 0]


def conv_transpose(
    x, kernel, bias=0.0, strides=(1, 1), padding="valid", more=(0, 0), dilation=(1, 1)
):
    """`more` is the output padding; `"same"` crops what a convolution would add."""
    sizes = x.shape[1:3]
    reach = [(kernel.shape[i] - 1) * dilation[i] + 1 for i in range(2)]
    filled = [(sizes[i] - 1) * strides[i] + reach[i] for i in range(2)]
    y = np.zeros(
        (
            len(x),
            *(f + s for f, s in zip(filled, strides, strict=True)),
            kernel.shape[2],
        )
    )
    for i in range(sizes[0]):
        for j in range(sizes[1]):
            for u in range(kernel.shape[0]):
                for v in range(kernel.shape[1]):
                    p, q = (
                        i * strides[0] + u * dilation[0],
                        j * strides[1] + v * dilation[1],
                    )
                    y[:, p, q] += x[:, i, j] @ kernel[u, v].T
    if padding == "valid":
        larger = [filled[i] + more[i] for i in range(2)]
        return y[:, : larger[0], : larger[1]] + bias
    larger = [sizes[i] * strides[i] for i in range(2)]
    # The border that the convolution from the larger image would have had.
    first = [
        _padding(larger[i], kernel.shape[i], strides[i], dilation[i], padding)[0]
        for i in range(2)
    ]
    y = y[:, first[0] : first[0] + larger[0], first[1] : first[1] + larger[1]]
    return y + bias


def depthwise_conv(
    x, kernel, bias=0.0, strides=(1, 1), padding="valid", dilation=(1, 1)
):
    parts = windows(x, kernel.shape[:2], strides, padding, dilation)
    maps = np.einsum("brcuvi,uvim->brcim", parts, kernel)
    return maps.reshape(*maps.shape[:3], -1) + bias


def separable_conv(x, depthwise, pointwise, bias=0.0, **options):
    return conv(depthwise_conv(x, depthwise, **options), pointwise, bias)


def channels_first(function):
    def moved(x, *weights, **options):
        y = function(np.moveaxis(x, 1, -1), *weights, **options)
        return np.moveaxis(y, -1, 1)

    return moved
