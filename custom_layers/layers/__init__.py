"""Layers."""

from custom_layers.layers.activation import ELU, Activation, LeakyReLU, ReLU, Softmax
from custom_layers.layers.activity_regularization import ActivityRegularization
from custom_layers.layers.adversarial import AdversarialScores
from custom_layers.layers.attention import (
    Attention,
    AttentionDecoder,
    MultiHeadAttention,
    PositionEmbedding,
    RotaryEmbedding,
    SinePositionEncoding,
    TokenAndPositionEmbedding,
    TransformerDecoder,
    TransformerEncoder,
    scaled_dot_product_attention,
)
from custom_layers.layers.augmentation import (
    RandomContrast,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
    SpecAugment,
)
from custom_layers.layers.batch_normalization import BatchNormalization
from custom_layers.layers.convolution import (
    Conv1D,
    Conv2D,
    Convolution1D,
    Convolution2D,
)
from custom_layers.layers.dense import Dense
from custom_layers.layers.depthwise import DepthwiseConv2D
from custom_layers.layers.detection import (
    AnchorBoxes,
    NonMaxSuppression,
    decode_boxes,
    intersection_over_union,
)
from custom_layers.layers.embedding import Embedding
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
from custom_layers.layers.hierarchical_softmax import HierarchicalSoftmax
from custom_layers.layers.layer_normalization import LayerNormalization
from custom_layers.layers.maxout import Maxout
from custom_layers.layers.negative_sampling import NegativeSampling
from custom_layers.layers.padding import ZeroPadding2D
from custom_layers.layers.perceptron import McCullochPitts, Perceptron
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
from custom_layers.layers.prelu import PReLU
from custom_layers.layers.preprocessing import (
    MinMaxScaling,
    MissingValues,
    Normalization,
    Rescaling,
    TableEncoding,
)
from custom_layers.layers.rbf import RBF
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
    TreeRNN,
)
from custom_layers.layers.regularization import Dropout, GaussianNoise
from custom_layers.layers.reshaping import Flatten
from custom_layers.layers.sampling import GaussianSampling
from custom_layers.layers.separable import SeparableConv2D, SeparableConvolution2D
from custom_layers.layers.spatial_dropout import SpatialDropout1D, SpatialDropout2D
from custom_layers.layers.transforms import DCT2D, HaarWavelet2D, LogMelSpectrogram
from custom_layers.layers.transposed import Conv2DTranspose, Convolution2DTranspose
from custom_layers.layers.upsampling import UpSampling2D

__all__ = [
    "DCT2D",
    "ELU",
    "GRU",
    "LSTM",
    "RBF",
    "RNN",
    "Activation",
    "ActivityRegularization",
    "AdversarialScores",
    "AnchorBoxes",
    "Attention",
    "AttentionDecoder",
    "AveragePooling1D",
    "AveragePooling2D",
    "AvgPool1D",
    "AvgPool2D",
    "BatchNormalization",
    "Bidirectional",
    "ChildSumTreeLSTM",
    "Conv1D",
    "Conv2D",
    "Conv2DTranspose",
    "Convolution1D",
    "Convolution2D",
    "Convolution2DTranspose",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRUCell",
    "GaussianNoise",
    "GaussianSampling",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "HaarWavelet2D",
    "HierarchicalSoftmax",
    "LSTMCell",
    "LayerNormalization",
    "LeakyReLU",
    "LogMelSpectrogram",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPooling1D",
    "MaxPooling2D",
    "Maxout",
    "McCullochPitts",
    "MinMaxScaling",
    "MissingValues",
    "MultiHeadAttention",
    "NegativeSampling",
    "NonMaxSuppression",
    "Normalization",
    "PReLU",
    "Perceptron",
    "PositionEmbedding",
    "RandomContrast",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "Rescaling",
    "RotaryEmbedding",
    "SeparableConv2D",
    "SeparableConvolution2D",
    "SimpleRNN",
    "SimpleRNNCell",
    "SinePositionEncoding",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpecAugment",
    "StackedRNNCells",
    "TableEncoding",
    "TimeDistributed",
    "TokenAndPositionEmbedding",
    "TransformerDecoder",
    "TransformerEncoder",
    "TreeRNN",
    "UpSampling2D",
    "ZeroPadding2D",
    "decode_boxes",
    "intersection_over_union",
    "scaled_dot_product_attention",
]
