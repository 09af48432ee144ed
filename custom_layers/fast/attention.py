"""Attention with TensorFlow's kernels and a custom gradient."""

from typing import Any

import tensorflow as tf

from custom_layers._types import Tensor

_HALF = ("float16", "bfloat16")


def softmax(scores: Tensor) -> Tensor:
    """Computes the softmax over the last axis by one kernel."""
    return tf.nn.softmax(scores)


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bias: Tensor | None = None,
    scale: Tensor | None = None,
) -> Tensor:
    """Computes `softmax(scale * query @ key^T + bias) @ value`; the bias is constant.

    With `P` the softmax, `Y` the outputs and `D` their gradient, that of the
    scores is `P * (D @ value^T - sum(D * Y))`: the sum over the keys that a
    softmax's own gradient takes, `sum(P * (D @ value^T))`, is a shorter one over
    the channels. No transpose is computed; the products read their operands so.
    """
    if not _serves(query, key, value, bias):
        return NotImplemented

    @tf.custom_gradient
    def attended(query: Tensor, key: Tensor, value: Tensor, *scale: Tensor) -> Any:
        return _attend(query, key, value, bias, *scale)

    # A tensor: a variable would have its gradient beside the others'.
    more = () if scale is None else (tf.convert_to_tensor(scale),)
    return attended(query, key, value, *more)


def _serves(query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None) -> bool:
    """Whether `attend` applies: floats of one dtype, with only the bias broadcast."""
    if not query.dtype == key.dtype == value.dtype or query.dtype.is_integer:
        return False
    batch = query.shape[:-2].as_list()
    if not batch == key.shape[:-2].as_list() == value.shape[:-2].as_list():
        return False
    if bias is None:
        return True
    scores = [*batch, query.shape[-2], key.shape[-2]][::-1]
    sizes = bias.shape.as_list()[::-1]
    return len(sizes) <= len(scores) and all(
        size in (1, known) for size, known in zip(sizes, scores, strict=False)
    )


def _attend(
    query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None, *scale: Tensor
) -> tuple[Tensor, Any]:
    wide = tf.float32 if query.dtype.name in _HALF else query.dtype

    def scaled(scores: Tensor) -> Tensor:
        return scores * tf.cast(scale[0], wide) if scale else scores

    products = tf.cast(tf.matmul(query, key, transpose_b=True), wide)
    scores = scaled(products)
    if bias is not None:
        scores += tf.cast(bias, wide)
    weights = tf.nn.softmax(scores)
    narrow = tf.cast(weights, query.dtype)
    outputs = tf.matmul(narrow, value)

    def gradients(upstream: Tensor) -> tuple[Tensor, ...]:
        by_weights = tf.cast(tf.matmul(upstream, value, transpose_b=True), wide)
        total = tf.reduce_sum(tf.cast(upstream * outputs, wide), -1, keepdims=True)
        by_scores = weights * (by_weights - total)
        by_products = tf.cast(scaled(by_scores), query.dtype)
        by_scale = [
            tf.cast(tf.reduce_sum(by_scores * products), s.dtype) for s in scale
        ]
        return (
            tf.matmul(by_products, key),
            tf.matmul(by_products, query, transpose_a=True),
            tf.matmul(narrow, upstream, transpose_a=True),
            *by_scale,
        )

    return outputs, gradients
