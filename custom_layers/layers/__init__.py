"""Layers."""

from custom_layers.layers.batch_normalization import BatchNormalization
from custom_layers.layers.convolution import (
    Conv1D,
    Conv2D,
    Convolution1D,
    Convolution2D,
)
from custom_layers.layers.dense import Dense
from custom_layers.layers.depthwise import DepthwiseConv2D
from custom_layers.layers.global_pooling import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAvgPool1D,
    GlobalAvgPool2D,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
)
from custom_layers.layers.layer_normalization import LayerNormalization
from custom_layers.layers.padding import ZeroPadding2D
from custom_layers.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AvgPool1D,
    AvgPool2D,
    MaxPool1D,
    MaxPool2D,
    MaxPooling1D,
    MaxPooling2D,
)
from custom_layers.layers.preprocessing import Normalization, Rescaling
from custom_layers.layers.regularization import Dropout, GaussianNoise
from custom_layers.layers.reshaping import Flatten
from custom_layers.layers.separable import SeparableConv2D, SeparableConvolution2D
from custom_layers.layers.spatial_dropout import SpatialDropout1D, SpatialDropout2D
from custom_layers.layers.transposed import Conv2DTranspose, Convolution2DTranspose
from custom_layers.layers.upsampling import UpSampling2D

__all__ = [
    "AveragePooling1D",
    "AveragePooling2D",
    "AvgPool1D",
    "AvgPool2D",
    "BatchNormalization",
    "Conv1D",
    "Conv2D",
    "Conv2DTranspose",
    "Convolution1D",
    "Convolution2D",
    "Convolution2DTranspose",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Flatten",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "LayerNormalization",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPooling1D",
    "MaxPooling2D",
    "Normalization",
    "Rescaling",
    "SeparableConv2D",
    "SeparableConvolution2D",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "UpSampling2D",
    "ZeroPadding2D",
]
