"""Preprocessing layers, which are part of the model."""

from custom_layers.layers.preprocessing.min_max import MinMaxScaling
from custom_layers.layers.preprocessing.missing_values import MissingValues
from custom_layers.layers.preprocessing.normalization import Normalization
from custom_layers.layers.preprocessing.rescaling import Rescaling
from custom_layers.layers.preprocessing.table_encoding import TableEncoding

__all__ = [
    "MinMaxScaling",
    "MissingValues",
    "Normalization",
    "Rescaling",
    "TableEncoding",
]
