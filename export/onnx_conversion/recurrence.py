r"""Recurrent layers as one ONNX operator each, whatever the mask.

An ONNX `RNN`, `GRU` or `LSTM` reads the first :math:`n_b` steps of row :math:`b`, its
`sequence_lens`. Keras skips the steps where a mask :math:`m_{bt}` is false, wherever
they are: states are kept, and the output is that of the step before, or zero. So the
steps that count are moved to the front, in their order, and the outputs back:

.. math::

    s_{bt} = \sum_{u \le t} m_{bu}, \quad n_b = s_{bT}, \quad
    y_{bt} = \begin{cases} \tilde y_{b, s_{bt}} & s_{bt} > 0 \\ 0 & s_{bt} = 0
    \end{cases}

where :math:`\tilde y_{bi}` is the output of the :math:`i`-th step that counts; a layer
that goes backwards sums over :math:`u \ge t`. The last output is taken as
:math:`\tilde y_{b n_b}`: OpenVINO reads on behind `sequence_lens`.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import keras
import tensorflow as tf

import custom_layers
from custom_layers import fast
from export.onnx_conversion.markers import mark

_LAYERS = (
    *(keras.layers.RNN, keras.layers.LSTM, keras.layers.GRU),
    custom_layers.RNN,
)
_STACKS = keras.layers.StackedRNNCells, custom_layers.StackedRNNCells
_CELLS = {
    **dict.fromkeys((keras.layers.SimpleRNNCell, custom_layers.SimpleRNNCell), "RNN"),
    **dict.fromkeys((keras.layers.GRUCell, custom_layers.GRUCell), "GRU"),
    **dict.fromkeys((keras.layers.LSTMCell, custom_layers.LSTMCell), "LSTM"),
}
_GATES = {
    "RNN": [0],
    "GRU": [0, 1, 2],
    "LSTM": [0, 3, 1, 2],
}  # of Keras, in ONNX' order
_ACTIVATIONS: dict[str, tuple] = {
    "tanh": ("Tanh",),
    "sigmoid": ("Sigmoid",),
    "relu": ("Relu",),
    "softsign": ("Softsign",),
    "softplus": ("Softplus",),
    "hard_sigmoid": ("HardSigmoid", 1 / 6, 0.5),
    "linear": ("Affine", 1.0, 0.0),
}


@dataclasses.dataclass(frozen=True)
class _Steps:
    """The steps that count.

    Args:
        mask: Whether a step counts, `(batch, time)`.
        read: How many that count are read up to each, with it, `(batch, time)`.
        count: How many count in each row, `(batch,)`.
    """

    mask: tf.Tensor
    read: tf.Tensor
    count: tf.Tensor


@contextlib.contextmanager
def as_operators() -> Iterator[None]:
    """Traces the loop of each recurrent layer that ONNX has an operator for as it."""
    with contextlib.ExitStack() as stack:
        for layer in _LAYERS:
            loop = _replacement(layer.inner_loop)
            stack.enter_context(mock.patch.object(layer, "inner_loop", loop))
        yield


def _replacement(loop: Callable) -> Callable:
    def inner_loop(
        self: Any,
        sequences: tf.Tensor,
        initial_state: Any,
        mask: tf.Tensor | None,
        training: bool = False,
    ) -> tuple[Any, Any, Any]:
        cells = self.cell.cells if type(self.cell) in _STACKS else [self.cell]
        if training or len(sequences.shape) != 3 or not all(map(_is_known, cells)):
            return loop(self, sequences, initial_state, mask=mask, training=training)
        masks = [each for each in keras.tree.flatten(mask) if each is not None]
        states = initial_state
        if type(self.cell) not in _STACKS:
            states = [list(states) if keras.tree.is_nested(states) else [states]]
        steps = _steps(masks[0], self.go_backwards) if masks else None
        last, outputs, states = _along(self, cells, sequences, states, steps)
        if type(self.cell) not in _STACKS:
            (states,) = states
        return last, outputs, states

    return inner_loop


def _is_known(cell: Any) -> bool:
    """Whether ONNX has an operator for exactly what the cell computes."""
    if type(cell) not in _CELLS or "call" in vars(cell):
        return False
    is_ours = type(cell).__module__.startswith("custom_layers.")
    if is_ours and not fast.is_unmodified(cell):
        return False
    return all(each in _activations() for each in _functions(cell))


def _functions(cell: Any) -> list[Callable]:
    """Returns the activations of a cell in ONNX' order."""
    operator = _CELLS[type(cell)]
    if operator == "RNN":
        return [cell.activation]
    if operator == "GRU":
        return [cell.recurrent_activation, cell.activation]
    return [cell.recurrent_activation, cell.activation, cell.activation]


def _activations() -> dict[Callable, tuple]:
    """Returns ONNX' names and numbers of activations, by Keras' functions and ours."""
    keras_ = {getattr(keras.activations, k): v for k, v in _ACTIVATIONS.items()}
    own = custom_layers.activations
    ours = {getattr(own, k): v for k, v in _ACTIVATIONS.items() if hasattr(own, k)}
    return keras_ | ours


def _steps(mask: tf.Tensor, go_backwards: bool) -> _Steps:
    mask = tf.cast(mask, "bool")
    counts = tf.cast(mask, "int64")
    read = tf.cumsum(counts, axis=1, reverse=go_backwards)
    return _Steps(mask, read, tf.reduce_max(read, axis=1))


def _along(
    layer: Any, cells: list, sequences: tf.Tensor, states: list, steps: _Steps | None
) -> tuple[tf.Tensor, tf.Tensor, list]:
    """Runs cells, each over the outputs of the one below.

    Returns:
        What `inner_loop` does: the last output, all outputs in the order of reading,
        and the last states of each cell.
    """
    inputs = sequences if steps is None else _to_front(sequences, steps)
    inputs = tf.transpose(inputs, (1, 0, 2))
    lengths = None if steps is None else tf.cast(steps.count, "int32")
    new_states = []
    for cell, state in zip(cells, states, strict=True):
        nested = [tf.convert_to_tensor(each) for each in keras.tree.flatten(state)]
        go_backwards = layer.go_backwards and steps is None
        inputs, new = _operator(cell, inputs, nested, lengths, go_backwards)
        if steps is not None:
            place = tf.expand_dims(tf.maximum(steps.count - 1, 0), 1)
            new[0] = tf.squeeze(_at(tf.transpose(inputs, (1, 0, 2)), place), 1)
            is_any = tf.expand_dims(steps.count > 0, 1)
            new = [tf.where(is_any, *each) for each in zip(new, nested, strict=True)]
        new_states.append(keras.tree.pack_sequence_as(state, new))
    last = keras.tree.flatten(new_states[-1])[0]
    if steps is not None:
        last = _last(layer, last, steps)
    outputs = tf.transpose(inputs, (1, 0, 2))
    if steps is not None:
        outputs = _back(layer, outputs, steps)
    if layer.go_backwards:
        outputs = tf.reverse(outputs, [1])
    return last, outputs, new_states


def _to_front(sequences: tf.Tensor, steps: _Steps) -> tf.Tensor:
    """Moves the steps that count to the front, in the order of reading."""
    rank = tf.where(steps.mask, steps.read, tf.int64.max)
    length = tf.shape(rank, "int64")[1:]
    types = [tf.TensorSpec(rank.shape, "int64")] * 2
    _, order = mark("TopK", [rank, length], types, axis=1, largest=0)
    return _at(sequences, order)


def _back(layer: Any, outputs: tf.Tensor, steps: _Steps) -> tf.Tensor:
    """Moves the outputs back, each repeated until the next step that counts."""
    is_known = steps.mask if layer.zero_output_for_mask else steps.read > 0
    outputs = _at(outputs, tf.maximum(steps.read - 1, 0))
    return tf.where(tf.expand_dims(is_known, -1), outputs, 0.0)


def _at(sequences: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
    """Returns the steps of each row at the indices of that row, `(batch, time)`."""
    shape = [*index.shape, *sequences.shape[2:]]
    inputs = [sequences, tf.expand_dims(index, -1)]
    spec = tf.TensorSpec(shape, sequences.dtype)
    (result,) = mark("GatherND", inputs, [spec], batch_dims=1)
    return result


def _last(layer: Any, last: tf.Tensor, steps: _Steps) -> tf.Tensor:
    """Returns the last output: zero in a row where no step counts."""
    is_known = steps.count > 0
    if layer.zero_output_for_mask:
        is_known = steps.mask[:, 0 if layer.go_backwards else -1]
    return tf.where(tf.expand_dims(is_known, 1), last, 0.0)


def _operator(
    cell: Any,
    inputs: tf.Tensor,
    states: list[tf.Tensor],
    lengths: tf.Tensor | None,
    go_backwards: bool,
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Marks the operator of a cell; its inputs and outputs are `(time, batch, ...)`."""
    name, dtype = _CELLS[type(cell)], inputs.dtype
    functions = [_activations()[each] for each in _functions(cell)]
    attributes: dict[str, Any] = {
        "hidden_size": cell.units,
        "direction": "reverse" if go_backwards else "forward",
        "activations": [each[0] for each in functions],
    }
    if any(len(each) > 1 for each in functions):
        # A runtime takes the numbers of those activations that have any, in turn.
        numbers = [each[1:] for each in functions if len(each) > 1]
        attributes["activation_alpha"] = [alpha for alpha, _ in numbers]
        attributes["activation_beta"] = [beta for _, beta in numbers]
    if name == "GRU":
        attributes["linear_before_reset"] = int(cell.reset_after)
    initial = [None] * len(states)
    if not all(map(_is_zero, states)):
        initial = [tf.expand_dims(each, 0) for each in states]
    batch = inputs.shape[1]
    state = tf.TensorSpec((1, batch, cell.units), dtype)
    outputs, *new = mark(
        name,
        [
            inputs,
            *_weights(cell, name, dtype),
            lengths,
            *initial,
        ],
        [
            tf.TensorSpec((inputs.shape[0], 1, batch, cell.units), dtype),
            *[state] * len(states),
        ],
        **attributes,
    )
    return tf.squeeze(outputs, 1), [tf.squeeze(each, 0) for each in new]


def _is_zero(state: tf.Tensor) -> bool:
    """Whether a state is zero, as is the one that a layer starts with."""
    operation = state.op
    if operation.type in ("Identity", "Cast"):
        return _is_zero(operation.inputs[0])
    if operation.type == "Fill":
        return _is_zero(operation.inputs[1])
    value = tf.get_static_value(state)
    return value is not None and not value.any()


def _weights(cell: Any, name: str, dtype: tf.DType) -> list[tf.Tensor | None]:
    """Returns kernel, recurrent kernel and biases as ONNX wants them.

    Their shapes are `(1, gates * units, features)`, `(1, gates * units, units)` and
    `(1, 2 * gates * units)`.
    """

    def in_order(weight: tf.Tensor) -> tf.Tensor:
        parts = tf.split(weight, len(_GATES[name]), axis=-1)
        return tf.concat([parts[gate] for gate in _GATES[name]], axis=-1)

    def matrix(weight: keras.Variable) -> tf.Tensor:
        return tf.expand_dims(tf.transpose(in_order(tf.cast(weight.value, dtype))), 0)

    bias = None
    if cell.use_bias:
        bias = in_order(tf.cast(cell.bias.value, dtype))
        if len(bias.shape) == 1:  # of the inputs only
            bias = tf.stack([bias, tf.zeros_like(bias)])
        bias = tf.reshape(bias, (1, -1))
    return [matrix(cell.kernel), matrix(cell.recurrent_kernel), bias]
