"""Rows of transforms of images and of sound."""

from functools import partial

import custom_layers as cl

from ..oracles import transforms
from ..table import LayerRow

LAYERS = [
    LayerRow(cl.DCT2D, None, transforms.cosine_transform, shape=(2, 5, 4, 3)),
    LayerRow(
        cl.DCT2D, None, transforms.cosine_sum, {"inverse": True}, shape=(2, 4, 7, 1)
    ),
    LayerRow(cl.HaarWavelet2D, None, transforms.haar, shape=(2, 4, 6, 3)),
    LayerRow(
        cl.HaarWavelet2D,
        None,
        transforms.inverse_haar,
        {"inverse": True},
        shape=(2, 3, 2, 8),
    ),
    LayerRow(
        cl.LogMelSpectrogram,
        None,
        partial(transforms.log_mel, rate=800, length=20, stride=8, size=32, bins=6),
        {"sampling_rate": 800, "num_mel_bins": 6},
        shape=(2, 60),
    ),
    LayerRow(
        cl.LogMelSpectrogram,
        None,
        partial(
            transforms.log_mel,
            rate=100,
            length=7,
            stride=3,
            size=16,
            bins=3,
            low=0.0,
            high=40.0,
            floor=1.8,  # none of its energies is near
        ),
        {
            "sampling_rate": 100,
            "num_mel_bins": 3,
            "sequence_length": 7,
            "sequence_stride": 3,
            "fft_length": 16,
            "min_freq": 0.0,
            "max_freq": 40.0,
            "min_power": 1.8,
        },
        shape=(2, 23),
    ),
]
