"""Transforms of images, coefficient by coefficient."""

import numpy as np


def _wave(k, size):
    points = np.cos(np.pi * (np.arange(size) + 0.5) * k / size)
    return points / np.linalg.norm(points)


def cosine_transform(x):
    y = np.empty(x.shape)
    for k, m in np.ndindex(*x.shape[1:3]):
        wave = np.outer(_wave(k, x.shape[1]), _wave(m, x.shape[2]))
        y[:, k, m] = np.einsum("bhwc,hw->bc", x, wave)
    return y


def cosine_sum(y):
    x = np.zeros(y.shape)
    for k, m in np.ndindex(*y.shape[1:3]):
        wave = np.outer(_wave(k, y.shape[1]), _wave(m, y.shape[2]))
        x += y[:, k, m][:, None, None] * wave[:, :, None]
    return x


_SIGNS = (
    ((1, 1), (1, 1)),
    ((1, 1), (-1, -1)),
    ((1, -1), (1, -1)),
    ((1, -1), (-1, 1)),
)


def haar(x):
    batch, height, width, channels = x.shape
    y = np.empty((batch, height // 2, width // 2, 4 * channels))
    for i, j, band, c in np.ndindex(*y.shape[1:3], 4, channels):
        block = x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2, c]
        y[:, i, j, band * channels + c] = (block * _SIGNS[band]).sum(axis=(1, 2)) / 2
    return y


def inverse_haar(y):
    batch, height, width, channels = y.shape
    channels //= 4
    x = np.zeros((batch, 2 * height, 2 * width, channels))
    for i, j, band, c in np.ndindex(height, width, 4, channels):
        part = y[:, i, j, band * channels + c][:, None, None] * _SIGNS[band] / 2
        x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2, c] += part
    return x
