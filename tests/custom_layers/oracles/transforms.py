"""Transforms, coefficient by coefficient."""

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


def log_mel(x, rate, length, stride, size, bins, low=20.0, high=None, floor=1e-10):
    """By NumPy's Fourier transform, and triangles drawn between points."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    starts = range(0, x.shape[1] - length + 1, stride)
    frames = np.stack([x[:, start : start + length] for start in starts], axis=1)
    power = np.abs(np.fft.rfft(frames * window, size)) ** 2
    mel = 1127 * np.log1p(np.fft.rfftfreq(size, 1 / rate) / 700)
    ends = 1127 * np.log1p(np.array([low, high or rate / 2]) / 700)
    points = np.linspace(*ends, bins + 2)
    bands = [
        np.interp(mel, points[i : i + 3], [0, 1, 0], left=0, right=0)
        for i in range(bins)
    ]
    heard = np.arange(power.shape[-1]) > 0
    return np.log(np.maximum((power * heard) @ np.array(bands).T, floor))
