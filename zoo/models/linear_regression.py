"""Linear regression (Legendre, 1805; Gauss, 1809).

Train with `zoo train linear_regression`.
"""

from typing import Any

import keras

from custom_layers import Dense
from zoo.models.standardized import Columns, standardized
from zoo.registry import Recipe, register

PAPER = "Gauss, 1809, Theoria motus corporum coelestium, book 2, section 3"

DIABETES = Recipe(
    dataset="diabetes",
    optimizer=("Adam", {"learning_rate": 0.02}),
    schedule=("CosineDecay", {}),
    batch_size=32,
    epochs=100,
)
SHARED: dict[str, Any] = {"task": "regression", "input": "features", "paper": PAPER}


@register("linear_regression", recipe=DIABETES, **SHARED)
@register("linear_regression.diabetes", recipe=DIABETES, **SHARED)
def linear_regression(
    input_shape: tuple[int, ...] = (10,),
    num_classes: int = 1,
    *,
    columns: Columns = (),
) -> keras.Model:
    r"""Linear function of standardized inputs: raw measurements to quantities.

    .. math::

        z = W (x - \mu_x) / \sigma_x + b, \quad \hat{y} = \sigma_y z + \mu_y

    Its training minimizes the mean squared error by gradient descent, and so ends near
    the least squares solution.

    Args:
        input_shape: Shape of one sample; more than one axis is flattened.
        num_classes: Number of quantities; called as in the models of other tasks.
        columns: What the columns of a table hold, see `standardized`; none where all
            are numbers.
    """
    features = keras.Input(input_shape, name="features")
    x = standardized(features, columns)
    return keras.Model(features, Dense(num_classes, name="logits")(x))
