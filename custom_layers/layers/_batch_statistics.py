"""Mean and variance of a batch, moving averages and batch renormalization."""

import keras
from keras import ops

from custom_layers._types import Tensor


def moments(x: Tensor, axes: list[int]) -> tuple[Tensor, Tensor]:
    """`mean = mean(x), variance = mean((x - mean)^2)` over the axes."""
    mean = ops.mean(x, axis=axes, keepdims=True)
    variance = ops.mean(ops.square(x - mean), axis=axes)
    return ops.squeeze(mean, axes), variance


def masked_moments(x: Tensor, mask: Tensor, axes: list[int]) -> tuple[Tensor, Tensor]:
    """Moments over the positions that the mask keeps; zero where it keeps none."""
    kept = ops.broadcast_to(ops.expand_dims(ops.cast(mask, "bool"), -1), ops.shape(x))
    # As in Keras: where the mask keeps nothing, this prevents a division by zero.
    count = ops.sum(ops.cast(kept, x.dtype), axis=axes, keepdims=True)
    count = count + keras.config.epsilon()
    mean = ops.sum(ops.where(kept, x, 0), axis=axes, keepdims=True) / count
    squares = ops.square(ops.where(kept, x - mean, 0))
    variance = ops.sum(squares, axis=axes, keepdims=True) / count
    return ops.squeeze(mean, axes), ops.squeeze(variance, axes)


def move(average: keras.Variable, value: Tensor, momentum: float) -> None:
    """`average <- momentum * average + (1 - momentum) * value`."""
    old = ops.cast(average.value, value.dtype)
    average.assign(old * momentum + value * (1 - momentum))


def checked_clipping(limits: dict[str, float] | None) -> dict[str, float]:
    """Validates the clipping limits of batch renormalization."""
    limits = limits or {}
    names = ("rmax", "rmin", "dmax")
    if set(limits) - set(names):
        raise ValueError(
            "Received invalid keys for `renorm_clipping` argument: "
            f"{limits}. Supported values: {names}."
        )
    rmin, rmax, dmax = (limits.get(name) for name in ("rmin", "rmax", "dmax"))
    if rmax is not None and rmin is not None and rmax < rmin:
        raise ValueError(
            "rmax should be greater than rmin in the `renorm_clipping` argument. "
            f"Received: rmax={rmax}, rmin={rmin}"
        )
    if dmax is not None and dmax < 0:
        raise ValueError(
            "dmax should be non-negative in the `renorm_clipping` argument. "
            f"Received: dmax={dmax}"
        )
    return limits


def corrections(
    mean: Tensor,
    deviation: Tensor,
    average_mean: Tensor,
    average_deviation: Tensor,
    limits: dict[str, float],
) -> tuple[Tensor, Tensor]:
    """Returns the corrections of batch renormalization, clipped, without gradient.

    `r = stddev / moving_stddev, d = (mean - moving_mean) / moving_stddev`.
    """
    r = deviation / average_deviation
    d = (mean - average_mean) / average_deviation
    if limits.get("rmin") is not None:
        r = ops.maximum(r, limits["rmin"])
    if limits.get("rmax") is not None:
        r = ops.minimum(r, limits["rmax"])
    if limits.get("dmax") is not None:
        d = ops.clip(d, -limits["dmax"], limits["dmax"])
    return ops.stop_gradient(r), ops.stop_gradient(d)
