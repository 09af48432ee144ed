"""Layers."""

from custom_layers.layers.activation import (
    ELU,
    Activation,
    LeakyReLU,
    ReLU,
    Softmax,
)
from custom_layers.layers.activity_regularization import ActivityRegularization
from custom_layers.layers.convolution import Conv2D
from custom_layers.layers.dense import Dense
from custom_layers.layers.embedding import Embedding
from custom_layers.layers.maxout import Maxout
from custom_layers.layers.perceptron import McCullochPitts, Perceptron
from custom_layers.layers.pooling import (
    AveragePooling2D,
    AvgPool2D,
    MaxPool2D,
    MaxPooling2D,
)
from custom_layers.layers.prelu import PReLU
from custom_layers.layers.preprocessing import Normalization, Rescaling
from custom_layers.layers.rbf import RBF
from custom_layers.layers.regularization import Dropout, GaussianNoise
from custom_layers.layers.reshaping import Flatten

__all__ = [
    "ELU",
    "RBF",
    "Activation",
    "ActivityRegularization",
    "AveragePooling2D",
    "AvgPool2D",
    "Conv2D",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianNoise",
    "LeakyReLU",
    "MaxPool2D",
    "MaxPooling2D",
    "Maxout",
    "McCullochPitts",
    "Normalization",
    "PReLU",
    "Perceptron",
    "ReLU",
    "Rescaling",
    "Softmax",
]
