"""Rows of transforms of images."""

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
]
