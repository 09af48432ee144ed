"""A language model, one token at a time: its states go in and come out."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers import (
    Dense,
    Dropout,
    Embedding,
    LayerNormalization,
    TokenAndPositionEmbedding,
    TransformerDecoder,
)
from custom_layers.activations import softmax
from custom_layers.layers.recurrent import RNN
from zoo.tasks.seq2seq import POSITION, TOKEN, BlockStep
from zoo.tasks.tokens import position_limit

Arrays = dict[str, np.ndarray]
# They treat each position alone.
_POINTWISE = (Dense, Dropout, Embedding, LayerNormalization, TokenAndPositionEmbedding)


def step_model(model: keras.Model) -> keras.Model | None:
    r"""Returns the model of one step, with the weights of the whole.

    .. math::

        \text{logits}_t, s_t = f(x_t, s_{t-1})

    Its inputs are `token`, the id of one token, and `state_0`, `state_1` and so on: the
    states of all recurrent layers in their order, or the caches of keys and values of
    all decoder blocks, which go with the `position` of the token. Zeros begin a text.
    Its outputs are `logits`, `probabilities`, and `next_state_0` and so on.

    Args:
        model: Of token ids `(batch, time)`, a chain of recurrent layers, or of decoder
            blocks that look back on a limited number of tokens, and of layers that
            treat each position alone.

    Returns:
        The model; None if the one given is no such chain.

    Shapes:
        `(batch,)` and `(batch, units)` of each recurrent state, or `(batch, 2, length,
        heads, size)` of each cache, to `(batch, vocabulary)` and the same states.

    Example:

    >>> import zoo
    >>> list(step_model(zoo.create_model("char_rnn")).output)
    ['logits', 'probabilities', 'next_state_0', 'next_state_1']
    >>> list(step_model(zoo.create_model("transformer", depth=1)).output)
    ['logits', 'probabilities', 'next_state_0', 'next_position']
    """
    if not all(itertools.starmap(_is_link, itertools.pairwise(model.layers))):
        return None
    blocks = [la for la in model.layers if isinstance(la, TransformerDecoder)]
    if not blocks:
        step = _Step()
        x = step.through_cells(model.layers[1:])
    elif all(cache_length(model, block) for block in blocks):
        step = _Step()
        x = step.through_blocks(model)
    else:
        return None
    answers = {"logits": x, "probabilities": softmax(x)}
    return keras.Model(step.inputs, answers | step.outputs, name=f"{model.name}_step")


class _Step:
    """Inputs and outputs of one step, which grow on the way through the layers."""

    def __init__(self) -> None:
        self.inputs = {TOKEN: keras.Input((), dtype="int32", name=TOKEN)}
        self.outputs: dict[str, Any] = {}

    def through_cells(self, layers: Sequence[keras.Layer]) -> Any:
        numbers, x = itertools.count(), self.inputs[TOKEN]
        for layer in layers:
            if not isinstance(layer, RNN):
                x = layer(x)
                continue
            sizes = keras.tree.flatten(layer.cell.state_size)
            names = [f"state_{next(numbers)}" for _ in sizes]
            states = [
                self._take(name, (size,))
                for name, size in zip(names, sizes, strict=True)
            ]
            x, new_states = layer.cell(x, states)
            for name, state in zip(names, keras.tree.flatten(new_states), strict=True):
                self.outputs[f"next_{name}"] = state
        return x

    def through_blocks(self, model: keras.Model) -> Any:
        numbers, x = itertools.count(), ops.expand_dims(self.inputs[TOKEN], -1)
        position = keras.Input((), dtype="int32", name=POSITION)
        for layer in model.layers[1:]:
            if isinstance(layer, TransformerDecoder):
                name = f"state_{next(numbers)}"
                shape = layer.cache_shape(cache_length(model, layer))
                cache = self._take(name, shape)
                x, self.outputs[f"next_{name}"] = BlockStep(layer)(x, cache, position)
            elif isinstance(layer, TokenAndPositionEmbedding):
                x = layer(x, positions=ops.expand_dims(position, -1))
            else:
                x = layer(x)
        self.inputs[POSITION] = position
        self.outputs[f"next_{POSITION}"] = position + 1
        return ops.squeeze(x, 1)

    def _take(self, name: str, shape: tuple[int, ...]) -> keras.KerasTensor:
        self.inputs[name] = keras.Input(shape, name=name)
        return self.inputs[name]


class Reader:
    """The logits behind a text that grows, by a step for each new token.

    Recurrent states, and caches of relative positions, go on over the whole text. Where
    positions are limited, the second half of the context is read anew when it is full.

    Args:
        step: One step, as `step_model` computes it for one row.
        zeros: Makes the states before the first token.
        limit: Number of positions, where it is limited.
    """

    def __init__(
        self,
        step: Callable[[Arrays], Arrays],
        zeros: Callable[[], Arrays],
        limit: int | None,
    ) -> None:
        self._step, self._zeros, self._limit = step, zeros, limit
        self._states, self._used = zeros(), 0
        self._next: int | None = None

    def logits(self, ids: Sequence[int]) -> np.ndarray:
        """Returns the logits of the token that follows.

        Args:
            ids: The text: that of the last call, and one token or more behind it.
        """
        if self._next is None:
            self._next = max(0, len(ids) - self._limit) if self._limit else 0
        while True:
            if self._used == self._limit:
                self._next -= self._limit // 2
                self._states, self._used = self._zeros(), 0
            token = np.array([ids[self._next]], "int32")
            answer = self._step({TOKEN: token, **self._states})
            self._states = {name: answer[f"next_{name}"] for name in self._states}
            self._next, self._used = self._next + 1, self._used + 1
            if self._next == len(ids):
                return np.asarray(answer["logits"][0])


def zero_states(step: keras.Model) -> Arrays:
    """Returns the states of one row before the first token."""
    return {
        name: np.zeros((1, *tensor.shape[1:]), tensor.dtype)
        for name, tensor in step.input.items()
        if name != TOKEN
    }


def cache_length(model: keras.Model, block: TransformerDecoder) -> int:
    """Returns how many steps a decoder block looks back on; 0 if there is no limit."""
    return block.sliding_window or position_limit(model) or 0


def _is_link(before: keras.Layer, layer: keras.Layer) -> bool:
    """Whether a layer takes the output of the one before, position by position."""
    if layer.input is not before.output:
        return False
    if isinstance(layer, RNN):
        return not layer.go_backwards and not layer.return_state
    if isinstance(layer, TransformerDecoder):
        return not layer._inbound_nodes[0].arguments.kwargs  # causal, as by default
    return isinstance(layer, _POINTWISE) and not getattr(layer, "mask_zero", False)
