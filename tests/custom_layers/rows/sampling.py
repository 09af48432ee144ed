"""Rows of layers that draw codes."""

import custom_layers as cl

from ..table import LayerRow

LAYERS = [
    LayerRow(
        cl.GaussianSampling,
        None,
        lambda mean, log_variance: mean,
        {"seed": 1},
        shape=[(3, 5), (3, 5)],
        random=True,
    ),
]
