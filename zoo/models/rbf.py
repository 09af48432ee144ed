"""Network of radial basis functions (Broomhead and Lowe, 1988).

Train with `zoo train rbf --dataset mnist`.
"""

from typing import Any

import keras

from custom_layers import RBF, Dense
from zoo.models.standardized import Columns, standardized
from zoo.registry import Recipe, register

PAPER = (
    "Broomhead and Lowe, 1988, Multivariable functional interpolation and adaptive "
    "networks"
)

CIRCLES = Recipe(
    dataset="circles",
    optimizer=("Adam", {"learning_rate": 0.02}),
    schedule=("CosineDecay", {}),
    monitor="val_loss",
    batch_size=32,
    epochs=40,
)
MNIST = Recipe(
    dataset="mnist",
    optimizer=("Adam", {"learning_rate": 0.01}),
    schedule=("CosineDecay", {}),
    batch_size=128,
    epochs=20,
)
SHARED: dict[str, Any] = {"input": "features", "paper": PAPER}


@register("rbf", recipe=CIRCLES, also={"regression": CIRCLES}, **SHARED)
@register("rbf.circles", recipe=CIRCLES, **SHARED)
@register(
    "rbf.mnist",
    reported="3.6 % error with 1,000 centres (LeCun et al., 1998)",
    recipe=MNIST,
    input_shape=(28, 28, 1),
    num_classes=10,
    centers=1000,
    gamma=12.0,
    **SHARED,
)
def rbf(
    input_shape: tuple[int, ...] = (2,),
    num_classes: int = 2,
    *,
    columns: Columns = (),
    centers: int = 20,
    gamma: float = 2.0,
    adapt_samples: int = 5000,
) -> keras.Model:
    r"""Radial basis function network: raw measurements to logits.

    .. math::

        h_j = \exp\left(-\frac{\gamma_j}{n} \sum_i (x_i - c_{ji})^2\right), \quad
        \text{logits} = W h + b

    for `n` standardized measurements. The centers are initialized by k-means, and
    trained with their widths and the weights.

    Args:
        input_shape: Shape of one sample; more than one axis is flattened.
        num_classes: Number of logits.
        columns: What the columns of a table hold, see `standardized`; none where all
            are numbers.
        centers: Number of centers.
        gamma: Initial inverse squared width of each basis function; distances are means
            over the measurements, so it does not depend on their number.
        adapt_samples: Training samples drawn for k-means.
    """
    features = keras.Input(input_shape, name="features")
    x = standardized(features, columns)
    x = RBF(
        centers,
        gamma=gamma / x.shape[-1],
        seed=0,
        adapt_samples=adapt_samples,
    )(x)
    return keras.Model(features, Dense(num_classes, name="logits")(x))
