"""Orthonormal transforms of images."""

from custom_layers.layers.transforms.cosine import DCT2D
from custom_layers.layers.transforms.haar import HaarWavelet2D

__all__ = ["DCT2D", "HaarWavelet2D"]
