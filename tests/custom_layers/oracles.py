"""The formulas once more, in plain NumPy and double precision."""

import numpy as np

EPSILON = 1e-7


def identity(x):
    return x


def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    y = np.where(x > threshold, x, negative_slope * (x - threshold))
    return y if max_value is None else np.where(x >= max_value, max_value, y)


def sigmoid(x):
    return np.where(
        x >= 0,
        1 / (1 + np.exp(-np.abs(x))),
        np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))),
    )


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def dense(x, kernel, bias=0.0):
    return np.einsum("...i,ij->...j", x, kernel) + bias


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


def max_pool(x, size, strides, padding="valid"):
    return windows(x, size, strides, padding, fill=-np.inf).max(axis=(3, 4))


def average_pool(x, size, strides, padding="valid"):
    return np.nanmean(windows(x, size, strides, padding, fill=np.nan), axis=(3, 4))


def flatten(x):
    return x.reshape(len(x), -1)


def normalize(x, mean, variance, invert=False):
    deviation = np.maximum(np.sqrt(variance), EPSILON)
    return x * deviation + mean if invert else (x - mean) / deviation


def mean_squared_error(y, p):
    return ((y - p) ** 2).mean(axis=-1)


def _clip(p):
    return np.clip(p, EPSILON, 1 - EPSILON)


def binary_crossentropy(y, p, from_logits=False, label_smoothing=0.0, axis=-1):
    p = sigmoid(p) if from_logits else _clip(p)
    y = y * (1 - label_smoothing) + label_smoothing / 2
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(axis=axis)


def categorical_crossentropy(y, p, from_logits=False, label_smoothing=0.0, axis=-1):
    p = softmax(p, axis) if from_logits else _clip(p / p.sum(axis=axis, keepdims=True))
    y = y * (1 - label_smoothing) + label_smoothing / y.shape[axis]
    return -(y * np.log(p)).sum(axis=axis)


def sparse_categorical_crossentropy(
    y, p, from_logits=False, ignore_class=None, axis=-1
):
    p = softmax(p) if from_logits else _clip(p / p.sum(axis=-1, keepdims=True))
    counted = y != ignore_class
    index = np.where(counted, y, 0).astype(int)
    chosen = np.take_along_axis(p, index[..., None], axis=-1)[..., 0]
    return np.where(counted, -np.log(chosen), 0)


def sgd(w, gradients, learning_rate, momentum=0.0, nesterov=False):
    v = np.zeros_like(w)
    for g in gradients:
        v = momentum * v - learning_rate * g
        w = w + (momentum * v - learning_rate * g if nesterov else v)
    return w


def adam(
    w, gradients, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False
):
    m, v, highest = np.zeros_like(w), np.zeros_like(w), np.zeros_like(w)
    for t, g in enumerate(gradients, start=1):
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        highest = np.maximum(highest, v) if amsgrad else v
        rate = learning_rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        w = w - rate * m / (np.sqrt(highest) + epsilon)
    return w
