"""Classic neural-network components for Keras 3, each with its formula.

Importing the package registers every component, so that a saved model that
uses one of them loads. Layers are also importable from here directly.
"""

from custom_layers import (
    activations,
    callbacks,
    fast,
    initializers,
    layers,
    losses,
    metrics,
    optimizers,
    regularizers,
)
from custom_layers.conversion import convert
from custom_layers.layers import *  # noqa: F403  (one re-export line a component)

__all__ = [
    "activations",
    "callbacks",
    "convert",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "regularizers",
]
__all__ += layers.__all__

fast.remember(layers, optimizers)
