"""Layers."""

from custom_layers.layers.convolution import Conv2D
from custom_layers.layers.dense import Dense
from custom_layers.layers.pooling import (
    AveragePooling2D,
    AvgPool2D,
    MaxPool2D,
    MaxPooling2D,
)
from custom_layers.layers.preprocessing import Normalization, Rescaling
from custom_layers.layers.recurrent import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    ChildSumTreeLSTM,
    GRUCell,
    LSTMCell,
    SimpleRNN,
    SimpleRNNCell,
    StackedRNNCells,
    TimeDistributed,
)
from custom_layers.layers.regularization import Dropout, GaussianNoise
from custom_layers.layers.reshaping import Flatten

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "AveragePooling2D",
    "AvgPool2D",
    "Bidirectional",
    "ChildSumTreeLSTM",
    "Conv2D",
    "Dense",
    "Dropout",
    "Flatten",
    "GRUCell",
    "GaussianNoise",
    "LSTMCell",
    "MaxPool2D",
    "MaxPooling2D",
    "Normalization",
    "Rescaling",
    "SimpleRNN",
    "SimpleRNNCell",
    "StackedRNNCells",
    "TimeDistributed",
]
