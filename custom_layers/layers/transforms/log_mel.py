"""Log-mel spectrogram of a waveform."""

import math
from functools import lru_cache
from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers._types import Shape, Tensor

__all__ = ["LogMelSpectrogram"]


@keras.saving.register_keras_serializable("custom_layers")
class LogMelSpectrogram(keras.layers.Layer):
    r"""Logarithm of the power of a waveform in mel bands, frame by frame.

    .. math::

        X_{t, k} &= \sum_{n < L} w_n \, x_{S t + n} \, e^{-2 \pi i k n / N} \\
        y_{t, m} &= \ln \max \Big( \sum_k H_{k, m} |X_{t, k}|^2, \, p \Big)

    with frames of :math:`L` samples, a stride :math:`S`, Fourier transforms of length
    :math:`N`, the Hann window :math:`w_n = \sin^2 (\pi n / L)` and triangular filters
    :math:`H`, which peak at 1 and overlap by half on HTK's mel scale

    .. math::

        \mathrm{mel}(f) = 1127 \ln (1 + f / 700)

    Frames lie within the waveform: nothing is padded. The Fourier transform is a
    convolution with a constant kernel, which every format of models has.

    Args:
        sampling_rate: Samples a second.
        num_mel_bins: Number of mel bands.
        sequence_length: Samples in a frame; `None` for those of 25 ms.
        sequence_stride: Samples from one frame to the next; `None` for those of 10 ms.
        fft_length: Length of the Fourier transform, frames being padded with zeros;
            `None` for the next power of two of the frame's.
        min_freq: Where the lowest band begins, in hertz.
        max_freq: Where the highest band ends; `None` for half of the sampling rate.
        min_power: Least power :math:`p`, below which all is silence.

    Shapes:
        `(batch, samples)` to `(batch, frames, num_mel_bins)` with
        `frames = 1 + (samples - sequence_length) // sequence_stride`.

    Example:

    >>> layer = LogMelSpectrogram(8000, num_mel_bins=40)
    >>> tuple(layer(ops.zeros((2, 8000))).shape)
    (2, 98, 40)

    Reference:
        Davis and Mermelstein, 1980, Comparison of parametric representations for
        monosyllabic word recognition in continuously spoken sentences; the scale is
        that of Young et al., The HTK Book.
    """

    def __init__(
        self,
        sampling_rate: int = 16000,
        num_mel_bins: int = 64,
        sequence_length: int | None = None,
        sequence_stride: int | None = None,
        fft_length: int | None = None,
        min_freq: float = 20.0,
        max_freq: float | None = None,
        min_power: float = 1e-10,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sampling_rate = sampling_rate
        self.num_mel_bins = num_mel_bins
        self.sequence_length = sequence_length
        self.sequence_stride = sequence_stride
        self.fft_length = fft_length
        self.min_freq = min_freq
        self.max_freq = max_freq
        self.min_power = min_power
        self._check()
        self.input_spec = keras.layers.InputSpec(ndim=2)
        self._build_at_init()

    @property
    def _frame(self) -> tuple[int, int, int]:
        """Samples in a frame, from one to the next, and in the Fourier transform."""
        length = self.sequence_length or round(0.025 * self.sampling_rate)
        stride = self.sequence_stride or round(0.01 * self.sampling_rate)
        return length, stride, self.fft_length or 1 << (length - 1).bit_length()

    @property
    def _band(self) -> tuple[float, float]:
        """Lowest and highest frequency."""
        return self.min_freq, self.max_freq or self.sampling_rate / 2

    def _check(self) -> None:
        for name in ("sampling_rate", "num_mel_bins", "min_power"):
            if getattr(self, name) <= 0:
                raise ValueError(
                    f"`{name}` must be positive. Received: {name}={getattr(self, name)}"
                )
        length, stride, fft_length = self._frame
        if length < 1 or stride < 1 or fft_length < length:
            raise ValueError(
                "`sequence_length` and `sequence_stride` must be 1 or more, and "
                f"`fft_length` at least `sequence_length`. Received: {length}, {stride}"
                f" and {fft_length}"
            )
        low, high = self._band
        if not 0 <= low < high <= self.sampling_rate / 2:
            raise ValueError(
                "`min_freq` and `max_freq` must be ascending, from 0 to half of the "
                f"sampling rate, {self.sampling_rate / 2:g}. Received: {low} and {high}"
            )

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the logarithms."""
        self.compute_output_shape(inputs.shape)
        length, stride, fft_length = self._frame
        # In low precision as well: powers go further than float16.
        precise = keras.backend.result_type(self.compute_dtype, "float32")
        kernel = ops.cast(fourier_kernel(length, fft_length), precise)
        waves = ops.cast(inputs, precise)
        # In blocks of samples that fill frames and strides: a convolution of many
        # channels and few steps has a far faster gradient than one of many steps.
        block = math.gcd(length, stride)
        blocks = ops.shape(waves)[1] // block
        parts = ops.conv(
            ops.reshape(waves[:, : blocks * block], (-1, blocks, block)),
            ops.reshape(kernel, (length // block, block, -1)),
            strides=stride // block,
            padding="valid",
            data_format="channels_last",
        )
        cosines, sines = ops.split(parts, 2, axis=-1)
        power = ops.square(cosines) + ops.square(sines)
        bands = mel_filters(
            self.sampling_rate, fft_length, self.num_mel_bins, *self._band
        )
        energy = ops.matmul(power, ops.cast(bands, precise))
        outputs = ops.log(ops.maximum(energy, self.min_power))
        return ops.cast(outputs, self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns `(batch, frames, num_mel_bins)`."""
        length, stride, _ = self._frame
        batch, samples = input_shape
        if samples is None:
            return batch, None, self.num_mel_bins
        if samples < length:
            raise ValueError(
                f"A waveform must have a frame of {length} samples or more; pad it. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        return batch, 1 + (samples - length) // stride, self.num_mel_bins

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "sampling_rate": self.sampling_rate,
            "num_mel_bins": self.num_mel_bins,
            "sequence_length": self.sequence_length,
            "sequence_stride": self.sequence_stride,
            "fft_length": self.fft_length,
            "min_freq": self.min_freq,
            "max_freq": self.max_freq,
            "min_power": self.min_power,
        }


@lru_cache(maxsize=16)
def fourier_kernel(length: int, fft_length: int) -> np.ndarray:
    """Returns the windowed cosines, and behind them the sines, of each frequency.

    Args:
        length: Samples in a frame.
        fft_length: Length of the Fourier transform.

    Returns:
        Shape `(length, 2 * (fft_length // 2 + 1))`.
    """
    places, waves = np.arange(length), np.arange(fft_length // 2 + 1)
    window = np.sin(np.pi * places / length) ** 2
    angles = 2 * np.pi * (places[:, None] * waves % fft_length) / fft_length
    kernel = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    return window[:, None] * kernel


@lru_cache(maxsize=16)
def mel_filters(
    sampling_rate: int, fft_length: int, num_mel_bins: int, low: float, high: float
) -> np.ndarray:
    """Returns triangles that peak at 1, straight on the mel scale, without frequency 0.

    Returns:
        Shape `(fft_length // 2 + 1, num_mel_bins)`.
    """
    edges = np.linspace(_mel(low), _mel(high), num_mel_bins + 2)
    bins = np.arange(fft_length // 2 + 1) * sampling_rate / fft_length
    places = _mel(bins)[:, None]
    rising = (places - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - places) / (edges[2:] - edges[1:-1])
    filters = np.maximum(0, np.minimum(rising, falling))
    filters[0] = 0
    return filters


def _mel(frequency: Any) -> Any:
    return 1127 * np.log(1 + np.asarray(frequency) / 700)
