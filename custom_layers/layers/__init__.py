"""Layers."""

from custom_layers.layers.convolution import Conv2D
from custom_layers.layers.dense import Dense
from custom_layers.layers.embedding import Embedding
from custom_layers.layers.pooling import (
    AveragePooling2D,
    AvgPool2D,
    MaxPool2D,
    MaxPooling2D,
)
from custom_layers.layers.preprocessing import Normalization, Rescaling
from custom_layers.layers.regularization import Dropout, GaussianNoise
from custom_layers.layers.reshaping import Flatten

__all__ = [
    "AveragePooling2D",
    "AvgPool2D",
    "Conv2D",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianNoise",
    "MaxPool2D",
    "MaxPooling2D",
    "Normalization",
    "Rescaling",
]
