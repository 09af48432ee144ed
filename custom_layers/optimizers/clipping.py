"""Gradient clipping."""

from collections.abc import Sequence

import keras
from keras import ops

from custom_layers._types import Tensor

__all__ = ["clip_by_global_norm", "clip_by_norm", "clip_by_value"]

Gradients = Sequence[Tensor | None]


@keras.saving.register_keras_serializable("custom_layers")
def clip_by_value(gradients: Gradients, limit: float) -> list[Tensor | None]:
    r"""Clips every element of the gradients to an interval.

    .. math::

        g_i \leftarrow \min(\max(g_i, -c), c)

    Args:
        gradients: Gradient of each variable; `None` where there is none.
        limit: Largest absolute value `c`, positive.

    Shapes:
        Each gradient keeps its shape.

    Example:

    >>> clipped, _ = clip_by_value([ops.array([3.0, -0.5]), None], 1.0)
    >>> ops.convert_to_numpy(clipped).tolist()
    [1.0, -0.5]

    Reference:
        Mikolov, 2012, Statistical language models based on neural networks.
    """
    _check(limit)
    return [None if g is None else ops.clip(g, -limit, limit) for g in gradients]


@keras.saving.register_keras_serializable("custom_layers")
def clip_by_norm(gradients: Gradients, limit: float) -> list[Tensor | None]:
    r"""Scales down each gradient whose norm exceeds a limit.

    .. math::

        g \leftarrow \frac{c}{\max(\lVert g \rVert_2, c)} \, g

    Args:
        gradients: Gradient of each variable; `None` where there is none.
        limit: Largest Euclidean norm `c`, positive.

    Shapes:
        Each gradient keeps its shape.

    Example:

    >>> clipped, _ = clip_by_norm([ops.array([3.0, -4.0]), None], 1.0)
    >>> [round(x, 4) for x in ops.convert_to_numpy(clipped).tolist()]
    [0.6, -0.8]

    Reference:
        Pascanu, Mikolov and Bengio, 2013, On the difficulty of training
        recurrent neural networks.
    """
    _check(limit)
    return [
        None if g is None else _scaled(g, _global_norm([g]), limit) for g in gradients
    ]


@keras.saving.register_keras_serializable("custom_layers")
def clip_by_global_norm(gradients: Gradients, limit: float) -> list[Tensor | None]:
    r"""Scales down all gradients by one factor where their global norm is too large.

    .. math::

        g \leftarrow \frac{c}{\max(N, c)} \, g, \qquad
        N = \sqrt{\sum_g \lVert g \rVert_2^2}

    The update keeps its direction. If `N` is not finite, all gradients become NaN.

    Args:
        gradients: Gradient of each variable; `None` where there is none.
        limit: Largest global norm `c`, positive.

    Shapes:
        Each gradient keeps its shape.

    Example:

    >>> a, b = clip_by_global_norm([ops.array([3.0]), ops.array([-4.0])], 1.0)
    >>> round(float(a[0]), 4), round(float(b[0]), 4)
    (0.6, -0.8)

    Reference:
        Pascanu, Mikolov and Bengio, 2013, On the difficulty of training
        recurrent neural networks.
    """
    _check(limit)
    norm = _global_norm([g for g in gradients if g is not None])
    norm = norm + (norm - norm)  # NaN if infinite
    return [None if g is None else _scaled(g, norm, limit) for g in gradients]


# The functions of `ops`, unlike operators, take sparse gradients.
def _global_norm(gradients: list[Tensor]) -> Tensor:
    return ops.sqrt(sum(ops.sum(ops.square(g)) for g in gradients))


def _scaled(gradient: Tensor, norm: Tensor, limit: float) -> Tensor:
    return ops.multiply(gradient, limit / ops.maximum(norm, limit))


def _check(limit: float) -> None:
    if not limit > 0:
        raise ValueError(f"`limit` must be positive. Received: limit={limit}")
