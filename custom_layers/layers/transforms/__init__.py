"""Transforms of images and of sound."""

from custom_layers.layers.transforms.cosine import DCT2D
from custom_layers.layers.transforms.haar import HaarWavelet2D
from custom_layers.layers.transforms.log_mel import LogMelSpectrogram

__all__ = ["DCT2D", "HaarWavelet2D", "LogMelSpectrogram"]
