"""Optimizers."""

from custom_layers.optimizers.adam import Adam
from custom_layers.optimizers.sgd import SGD

__all__ = ["SGD", "Adam"]
