"""Recurrent layers and their cells."""

from custom_layers.layers.recurrent.bidirectional import Bidirectional
from custom_layers.layers.recurrent.gru import GRU, GRUCell
from custom_layers.layers.recurrent.lstm import LSTM, LSTMCell
from custom_layers.layers.recurrent.rnn import RNN
from custom_layers.layers.recurrent.simple_rnn import SimpleRNN, SimpleRNNCell
from custom_layers.layers.recurrent.stacked_cells import StackedRNNCells
from custom_layers.layers.recurrent.time_distributed import TimeDistributed
from custom_layers.layers.recurrent.tree_lstm import ChildSumTreeLSTM
from custom_layers.layers.recurrent.tree_rnn import TreeRNN

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Bidirectional",
    "ChildSumTreeLSTM",
    "GRUCell",
    "LSTMCell",
    "SimpleRNN",
    "SimpleRNNCell",
    "StackedRNNCells",
    "TimeDistributed",
    "TreeRNN",
]
