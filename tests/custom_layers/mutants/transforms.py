"""Broken layers: transforms of images and of sound."""

from keras import ops

import custom_layers as cl

from ..checks import layers
from .listing import mutant, row_of


@mutant(layers.check_oracle, row_of(cl.DCT2D))
class TransformsBack(cl.DCT2D):
    def __init__(self, **kwargs):
        super().__init__(inverse=True, **kwargs)


@mutant(layers.check_oracle, row_of(cl.DCT2D, inverse=True))
class ScalesTheMean(cl.DCT2D):
    def call(self, inputs):
        return super().call(inputs * 2**0.5)


@mutant(layers.check_oracle, row_of(cl.HaarWavelet2D))
class MixesHeightAndWidth(cl.HaarWavelet2D):
    def call(self, inputs):
        bands = super().call(inputs)
        third = inputs.shape[-1]
        parts = [bands[..., i * third : (i + 1) * third] for i in (0, 2, 1, 3)]
        return ops.concatenate(parts, axis=-1)


@mutant(layers.check_oracle, row_of(cl.HaarWavelet2D, inverse=True))
class JoinsWithoutDetails(cl.HaarWavelet2D):
    def call(self, inputs):
        kept = ops.cast(ops.arange(inputs.shape[-1]) < 2, inputs.dtype)
        return super().call(inputs * kept)


@mutant(layers.check_oracle, row_of(cl.LogMelSpectrogram))
class HearsTheMean(cl.LogMelSpectrogram):
    def call(self, inputs):
        return super().call(inputs - ops.mean(inputs, axis=1, keepdims=True))


@mutant(layers.check_config, row_of(cl.LogMelSpectrogram), "config")
class ForgetsTheRate(cl.LogMelSpectrogram):
    @classmethod
    def from_config(cls, config):
        return cls(**config | {"sampling_rate": 400})
