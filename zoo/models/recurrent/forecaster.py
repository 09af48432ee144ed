"""Forecasts a series with a GRU and a linear part (Lai et al., 2018).

Train with `zoo train forecaster`.
"""

import keras
from keras import ops

from custom_layers import GRU, Dense, Dropout, Flatten
from zoo.registry import Recipe, register

PAPER = (
    "Lai et al., 2018, Modeling long- and short-term temporal patterns with deep "
    "neural networks"
)

TOY = Recipe(
    dataset="toy_series",
    encoding={"window": 168, "horizon": 24, "period": 24},
    optimizer=("Adam", {"learning_rate": 3e-3}),
    schedule=("CosineDecay", {}),
    batch_size=64,
    epochs=15,
)
SHARED = {"recipe": TOY, "task": "forecasting", "input": "series", "paper": PAPER}


@register("forecaster", **SHARED)
@register("forecaster.toy_series", **SHARED)
def forecaster(
    window: int = 168,
    horizon: int = 24,
    *,
    units: int = 32,
    dropout: float = 0.1,
) -> keras.Model:
    r"""Forecasts the next values of a series: raw values in, raw values out.

    .. math::

        z = (x - m) / s, \quad h_t = \mathrm{GRU}(z_t, h_{t-1}), \quad
        \hat{y} = m + s (W h_T + V z + b)

    with the mean :math:`m` and the mean absolute deviation :math:`s` of the window, so
    that forecasts are equivariant to level and scale.

    Args:
        window: Number of past values.
        horizon: Number of values to forecast.
        units: Dimension of the state.
        dropout: Fraction of the state to drop during training.
    """
    series = keras.Input((window, 1), name="series")
    level = ops.mean(series, axis=1, keepdims=True)
    spread = ops.mean(ops.abs(series - level), axis=1, keepdims=True) + 1e-6
    z = (series - level) / spread
    state = Dropout(dropout)(GRU(units)(z))
    x = ops.concatenate([state, Flatten()(z)], axis=-1)
    steps = Dense(horizon, name="steps")(x)
    return keras.Model(series, level[:, :, 0] + spread[:, :, 0] * steps)
