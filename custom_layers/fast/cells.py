"""Training of the three cells: their steps and derivatives, in TensorFlow."""

from typing import Any

import keras
import tensorflow as tf

from custom_layers import activations
from custom_layers.fast.context import compiles, records
from custom_layers.fast.recurrence import CellStep, Recurrence

_sigmoid_grad, _tanh_grad = tf.raw_ops.SigmoidGrad, tf.raw_ops.TanhGrad


def _simple_forward(x: Any, y: Any, _: Any) -> tuple[list, list]:
    h = tf.tanh(x + y)
    return [h], [h]


def _simple_backward(gradients: list, _: Any, saved: list) -> tuple:
    d = _tanh_grad(y=saved[0], dy=gradients[0])
    return d, d, [None]


def _lstm_forward(x: Any, y: Any, states: Any) -> tuple[list, list]:
    i, f, g, o = tf.split(x + y, 4, axis=1)
    i, f, g, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
    c = f * states[1] + i * g
    squashed = tf.tanh(c)
    return [o * squashed, c], [i, f, g, o, states[1], squashed]


def _lstm_backward(gradients: list, _: Any, saved: list) -> tuple:
    dh, dc = gradients
    i, f, g, o, c, squashed = saved
    dc += _tanh_grad(y=squashed, dy=dh * o)
    gates = [
        _sigmoid_grad(y=i, dy=dc * g),
        _sigmoid_grad(y=f, dy=dc * c),
        _tanh_grad(y=g, dy=dc * i),
        _sigmoid_grad(y=o, dy=dh * squashed),
    ]
    d = tf.concat(gates, axis=1)
    return d, d, [None, dc * f]


def _gru_forward(x: Any, y: Any, states: Any) -> tuple[list, list]:
    units = states[0].shape[1]
    gates = tf.sigmoid(x[:, : 2 * units] + y[:, : 2 * units])
    z, r = tf.split(gates, 2, axis=1)
    inner = y[:, 2 * units :]
    n = tf.tanh(x[:, 2 * units :] + r * inner)
    return [n + z * (states[0] - n)], [gates, n, inner]


def _gru_backward(gradients: list, h: Any, saved: list) -> tuple:
    (d,) = gradients
    gates, n, inner = saved
    z, r = tf.split(gates, 2, axis=1)
    dn = _tanh_grad(y=n, dy=d - d * z)
    dz = _sigmoid_grad(y=z, dy=d * (h - n))
    dr = _sigmoid_grad(y=r, dy=dn * inner)
    return (
        tf.concat([dz, dr, dn], axis=1),
        tf.concat([dz, dr, dn * r], axis=1),
        [d * z],
    )


_SIMPLE_RNN = CellStep(
    _simple_forward, _simple_backward, shared=True, projects=False, compiled_steps=5
)
_LSTM = CellStep(_lstm_forward, _lstm_backward, shared=True, projects=False)
_GRU = CellStep(_gru_forward, _gru_backward, shared=False, projects=True)


def simple_rnn(cell: Any, inputs: Any, states: list, **options: Any) -> Any:
    """Trains a `SimpleRNNCell`, to whose inputs the bias belongs."""
    if not _serves(cell, **options):
        return NotImplemented
    kernel, recurrent_kernel, bias = cell.tensors()
    return _train(
        _SIMPLE_RNN,
        cell,
        inputs,
        states,
        (kernel, bias),
        (recurrent_kernel, None),
        **options,
    )


def lstm(cell: Any, inputs: Any, states: list, **options: Any) -> Any:
    """Trains an `LSTMCell`."""
    if not (
        _serves(cell, **options) and _is_named(cell.recurrent_activation, "sigmoid")
    ):
        return NotImplemented
    kernel, recurrent_kernel, bias = cell.tensors()
    return _train(
        _LSTM, cell, inputs, states, (kernel, None), (recurrent_kernel, bias), **options
    )


def gru(cell: Any, inputs: Any, states: list, **options: Any) -> Any:
    """Trains a `GRUCell` that resets after the product, with its two biases."""
    if not (
        _serves(cell, **options)
        and _is_named(cell.recurrent_activation, "sigmoid")
        and cell.reset_after
    ):
        return NotImplemented
    kernel, recurrent_kernel, bias = cell.tensors()
    bias, recurrent_bias = cell.two_biases(bias)
    return _train(
        _GRU,
        cell,
        inputs,
        states,
        (kernel, bias),
        (recurrent_kernel, recurrent_bias),
        **options,
    )


def _serves(
    cell: Any,
    *,
    training: bool | None,
    mask: Any,
    zero_output_for_mask: bool,
    every_output: bool,
) -> bool:
    """Whether a gradient may be requested, and the cell has its derivative here."""
    return (
        (bool(training) or records())
        and mask is None
        and not cell.recurrent_dropout
        and _is_named(cell.activation, "tanh")
    )


def _is_named(activation: Any, name: str) -> bool:
    """Whether an activation is that of Keras, or ours, of this name."""
    return activation in (getattr(activations, name), getattr(keras.activations, name))


def _train(
    cell_step: CellStep,
    cell: Any,
    inputs: Any,
    states: list,
    projection: tuple,
    recurrence: tuple,
    *,
    training: bool | None,
    every_output: bool,
    **_: Any,
) -> tuple:
    """Runs the loop with a custom gradient; returns what `_loops.run` does.

    A plain graph projects the inputs within it: there one core can project those of
    later steps while another computes the recurrence. Under XLA the cell decides.

    Args:
        cell_step: Of the cell.
        cell: The cell, which may have dropout.
        inputs: `(time, batch, features)`.
        states: Initial states.
        projection: Kernel of the inputs, and the bias added to their product.
        recurrence: Recurrent kernel, and the bias added to its product.
        training: Whether dropout is applied.
        every_output: Whether to return the outputs of all steps.
    """
    kernel, bias = recurrence
    inputs = tf.cast(inputs, kernel.dtype)  # Keras converts no integers.
    extras = {"bias": bias}
    # Also draws the masks of the dropout, where the cell has one.
    step = cell.step(inputs[0], states, training)
    if (compiles() and not cell_step.projects) or (training and cell.dropout):
        inputs = step.project(inputs)
    else:
        extras["input_kernel"], extras["input_bias"] = projection
    extras = {name: x for name, x in extras.items() if x is not None}
    run = Recurrence(cell_step, len(states), every_output, tuple(extras))
    arguments = map(tf.convert_to_tensor, (inputs, kernel, *states, *extras.values()))
    results = list(run(*arguments))
    outputs = results.pop(0) if every_output else None
    return results[0], outputs, results
