"""The steps of the three cells and their derivatives, in TensorFlow."""

from typing import Any

import tensorflow as tf

from custom_layers.fast.recurrence import Recurrence, Rule

_sigmoid_grad, _tanh_grad = tf.raw_ops.SigmoidGrad, tf.raw_ops.TanhGrad


def run(
    rule: Rule,
    inputs: Any,
    kernel: Any,
    states: list,
    every_output: bool,
    **extras: Any,
) -> tuple:
    """Returns what `_loops.run` does; the extras are those of `Recurrence`."""
    extras = {name: x for name, x in extras.items() if x is not None}
    recurrence = Recurrence(rule, len(states), every_output, tuple(extras))
    arguments = map(tf.convert_to_tensor, (inputs, kernel, *states, *extras.values()))
    results = list(recurrence(*arguments))
    outputs = results.pop(0) if every_output else None
    return results[0], outputs, results


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


SIMPLE_RNN = Rule(
    _simple_forward, _simple_backward, shared=True, projects=False, compiled_steps=5
)
LSTM = Rule(_lstm_forward, _lstm_backward, shared=True, projects=False)
GRU = Rule(_gru_forward, _gru_backward, shared=False, projects=True)
