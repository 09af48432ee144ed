"""Classic neural-network components for Keras 3, each with its formula.

Importing the package registers every component, so that a saved model that
uses one of them loads. Layers are also importable from here directly.
"""

from custom_layers import activations, initializers, layers, losses, optimizers
from custom_layers.layers import *  # noqa: F403
from custom_layers.layers import __all__ as _layer_names

__all__ = [
    "activations",
    "initializers",
    "layers",
    "losses",
    "optimizers",
    *_layer_names,
]
