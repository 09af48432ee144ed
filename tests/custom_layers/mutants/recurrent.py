"""Broken layers: recurrent."""

import keras
from keras import ops

import custom_layers as cl

from ..checks import layers
from .listing import mutant, row_of

LSTM = row_of(cl.LSTM, return_state=True)


@mutant(layers.check_oracle, LSTM)
@mutant(layers.check_namesake, LSTM)
class LosesSomeOfItsCarry(cl.LSTM):
    def inner_loop(self, sequences, initial_state, mask, training=False):
        last, outputs, (h, c) = super().inner_loop(
            sequences, initial_state, mask, training
        )
        return last, outputs, [h, c * 0.999]


@mutant(layers.check_namesake, row_of(cl.LSTM, go_backwards=True))
class ReadsForwards(cl.LSTM):
    def __init__(self, units, **kwargs):
        super().__init__(units, **kwargs)
        self.go_backwards = False


@mutant(layers.check_oracle, row_of(cl.LSTM, zero_output_for_mask=True))
class IgnoresTheMask(cl.LSTM):
    def call(self, sequences, initial_state=None, mask=None, training=False):
        return super().call(sequences, initial_state, None, training)


@mutant(layers.check_shapes, LSTM, "symbolic shape")
class TellsOutputsOfOneStep(cl.LSTM):
    def compute_output_shape(self, sequences_shape, initial_state_shape=None):
        (batch, _, units), *states = super().compute_output_shape(sequences_shape)
        return (batch, units), *states


@mutant(layers.check_namesake_gradient, row_of(cl.GRU), "gradient")
class ForgetsThePast(cl.GRU):
    """In the gradient alone: no state before the last step has one."""

    def inner_loop(self, sequences, initial_state, mask, training=False):
        _, _, states = super().inner_loop(
            sequences[:, :-1], initial_state, mask, training
        )
        states = [ops.stop_gradient(state) for state in states]
        return super().inner_loop(sequences[:, -1:], states, mask, training)


@mutant(layers.check_oracle, row_of(cl.GRU, reset_after=False))
class KeepsTooMuch(cl.GRU):
    def get_initial_state(self, batch_size):
        return [state + 0.01 for state in super().get_initial_state(batch_size)]


@mutant(layers.check_config, row_of(cl.SimpleRNN), "missing config keys")
class ForgetsItsDropout(cl.SimpleRNN):
    def get_config(self):
        config = super().get_config()
        del config["dropout"]
        return config


@mutant(layers.check_initial_weights, row_of(cl.SimpleRNN), "initial weights")
class DrawsOneMoreSeed(cl.SimpleRNN):
    def __init__(self, units, **kwargs):
        keras.random.SeedGenerator()
        super().__init__(units, **kwargs)


@mutant(layers.check_oracle, row_of(cl.TreeRNN, return_sequences=True))
class TakesEveryChildForTheFirst(cl.TreeRNN):
    def gates_of(self, inputs, parents):
        gates = super().gates_of(inputs, parents)
        (is_at,) = gates.own
        return gates._replace(own=(ops.ones_like(is_at) * ops.eye(self.arity)[0],))


@mutant(layers.check_oracle, row_of(cl.ChildSumTreeLSTM, return_sequences=True))
class CountsPadding(cl.ChildSumTreeLSTM):
    def call(self, inputs, parents):
        return super().call(inputs, ops.maximum(parents, -1))
