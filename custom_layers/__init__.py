"""Classic neural-network components for Keras 3, each with its formula.

Importing the package registers every component, so that a saved model that
uses one of them loads. Layers are also importable from here directly.
"""

from custom_layers import quiet

quiet.install()

# Keras is imported from here on.
from custom_layers import (  # noqa: E402
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
from custom_layers.conversion import convert  # noqa: E402
from custom_layers.layers import *  # noqa: E402, F403  (one re-export line a component)

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
