"""Transforms of images and of sound, beside what a user would write without them."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from benchmarks.cases import LayerCase


class SignalDCT(keras.layers.Layer):
    """TensorFlow's one-dimensional transform, twice."""

    def __init__(self, inverse=False):
        super().__init__()
        self.transform = tf.signal.idct if inverse else tf.signal.dct

    def call(self, x):
        x = self.transform(ops.transpose(x, (0, 3, 1, 2)), norm="ortho")
        x = self.transform(ops.transpose(x, (0, 1, 3, 2)), norm="ortho")
        return ops.transpose(x, (0, 3, 2, 1))


class ConvolutionHaar(keras.layers.Layer):
    """A convolution of each channel with the four blocks, in the order of sub-bands."""

    def call(self, x):
        channels = x.shape[-1]
        signs = [[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]]
        blocks = np.reshape(np.transpose(signs), (2, 2, 1, 4)) / 2
        kernel = ops.cast(np.tile(blocks, (1, 1, channels, 1)), x.dtype)
        bands = ops.depthwise_conv(x, kernel, strides=2)
        batch, height, width, _ = bands.shape
        bands = ops.reshape(bands, (batch, height, width, channels, 4))
        bands = ops.transpose(bands, (0, 1, 2, 4, 3))
        return ops.reshape(bands, (batch, height, width, 4 * channels))


class DecibelSpectrogram(keras.layers.Layer):
    """Keras' layer, in decibels and with padded ends."""

    def __init__(self, sampling_rate, num_mel_bins):
        super().__init__()
        self.spectrogram = keras.layers.MelSpectrogram(
            fft_length=256,
            sequence_length=200,
            sequence_stride=80,
            sampling_rate=sampling_rate,
            num_mel_bins=num_mel_bins,
        )

    def call(self, x):
        return self.spectrogram(x)


CASES = [
    LayerCase(
        "LogMelSpectrogram",
        {"sampling_rate": 8000, "num_mel_bins": 40},
        (64, 8000),
        peer=DecibelSpectrogram,
    ),
    LayerCase("DCT2D", {}, (64, 32, 32, 3), peer=SignalDCT),
    LayerCase("DCT2D", {"inverse": True}, (64, 28, 28, 1), peer=SignalDCT),
    LayerCase("HaarWavelet2D", {}, (64, 32, 32, 3), peer=ConvolutionHaar),
]
