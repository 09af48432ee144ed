"""Layers."""

from custom_layers.layers.activation import (
    ELU,
    Activation,
    LeakyReLU,
    ReLU,
    Softmax,
)
from custom_layers.layers.activity_regularization import ActivityRegularization
from custom_layers.layers.attention import (
    Attention,
    MultiHeadAttention,
    PositionEmbedding,
    SinePositionEncoding,
    TransformerDecoder,
    TransformerEncoder,
    scaled_dot_product_attention,
from custom_layers.layers.augmentation import (
    RandomContrast,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
)
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
from custom_layers.layers.preprocessing import (
    MinMaxScaling,
    MissingValues,
    Normalization,
    Rescaling,
)
from custom_layers.layers.rbf import RBF
from custom_layers.layers.regularization import Dropout, GaussianNoise
from custom_layers.layers.reshaping import Flatten
from custom_layers.layers.sampling import GaussianSampling
from custom_layers.layers.transforms import DCT2D, HaarWavelet2D

__all__ = [
    "DCT2D",
    "ELU",
    "RBF",
    "Activation",
    "ActivityRegularization",
    "Attention",
    "AveragePooling2D",
    "AvgPool2D",
    "Conv2D",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianNoise",
    "GaussianSampling",
    "HaarWavelet2D",
    "LeakyReLU",
    "MaxPool2D",
    "MaxPooling2D",
    "Maxout",
    "McCullochPitts",
    "MultiHeadAttention",
    "Normalization",
    "PReLU",
    "Perceptron",
    "PositionEmbedding",
    "MinMaxScaling",
    "MissingValues",
    "Normalization",
    "PReLU",
    "Perceptron",
    "RandomContrast",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "Rescaling",
    "SinePositionEncoding",
    "Softmax",
    "TransformerDecoder",
    "TransformerEncoder",
    "scaled_dot_product_attention",
]
