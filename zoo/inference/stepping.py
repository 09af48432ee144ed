"""A recurrent language model, one token at a time: its states go in and come out."""

import itertools
from collections.abc import Iterator
from typing import Any

import keras

from custom_layers import Dense, Dropout, Embedding
from custom_layers.activations import softmax
from custom_layers.layers.recurrent import RNN

TOKEN = "token"
_POINTWISE = (Dense, Dropout, Embedding)  # they treat each position alone


def step_model(model: keras.Model) -> keras.Model | None:
    r"""Returns the model of one step, with the weights of the whole.

    .. math::

        \text{logits}_t, s_t = f(x_t, s_{t-1})

    Its inputs are `token`, the id of one token, and `state_0`, `state_1` and so on, the
    states of all recurrent layers in their order; zeros begin a text. Its outputs are
    `logits`, `probabilities`, and `next_state_0` and so on.

    Args:
        model: Of token ids `(batch, time)`, a chain of recurrent layers and of layers
            that treat each position alone.

    Returns:
        The model; None if the one given is no such chain.

    Shapes:
        `(batch,)` and `(batch, units)` of each state, to `(batch, vocabulary)` and the
        same states.

    Example:

    >>> import zoo
    >>> list(step_model(zoo.create_model("char_rnn")).output)
    ['logits', 'probabilities', 'next_state_0', 'next_state_1']
    """
    chain = model.layers[1:]
    if not all(itertools.starmap(_is_link, itertools.pairwise(model.layers))):
        return None
    token = keras.Input((), dtype="int32", name=TOKEN)
    inputs, outputs = {TOKEN: token}, {}
    numbers, x = itertools.count(), token
    for layer in chain:
        if not isinstance(layer, RNN):
            x = layer(x)
            continue
        states = []
        for size in _sizes(layer.cell):
            name = f"state_{next(numbers)}"
            inputs[name] = keras.Input((size,), name=name)
            states.append(inputs[name])
        x, new_states = layer.cell(x, states)
        names = [f"next_{state.name}" for state in states]
        outputs |= zip(names, keras.tree.flatten(new_states), strict=True)
    answers = {"logits": x, "probabilities": softmax(x)}
    return keras.Model(inputs, answers | outputs, name=f"{model.name}_step")


def _is_link(before: keras.Layer, layer: keras.Layer) -> bool:
    """Whether a layer takes the output of the one before, position by position."""
    if layer.input is not before.output:
        return False
    if isinstance(layer, RNN):
        return not layer.go_backwards and not layer.return_state
    return isinstance(layer, _POINTWISE) and not getattr(layer, "mask_zero", False)


def _sizes(cell: Any) -> Iterator[int]:
    yield from keras.tree.flatten(cell.state_size)
