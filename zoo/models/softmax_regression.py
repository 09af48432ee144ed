"""Softmax regression, the linear classifier (Cox, 1958, for two classes).

Train with `zoo train softmax_regression`.
"""

import keras

from custom_layers import Dense
from zoo.models.standardized import Columns, standardized
from zoo.registry import Recipe, register

PAPER = "Cox, 1958, The regression analysis of binary sequences"

IRIS = Recipe(
    dataset="iris",
    optimizer=("Adam", {"learning_rate": 0.05}),
    schedule=("CosineDecay", {}),
    monitor="val_loss",
    batch_size=16,
    epochs=100,
)
MNIST = Recipe(
    dataset="mnist",
    optimizer=("Adam", {"learning_rate": 1e-3}),
    schedule=("CosineDecay", {}),
    monitor="val_loss",
    batch_size=128,
    epochs=20,
)


@register("softmax_regression", recipe=IRIS, input="features", paper=PAPER)
@register("softmax_regression.iris", recipe=IRIS, input="features", paper=PAPER)
@register(
    "softmax_regression.mnist",
    reported="12 % error, linear classifier (LeCun et al., 1998)",
    recipe=MNIST,
    input="features",
    paper=PAPER,
    input_shape=(28, 28, 1),
    num_classes=10,
)
def softmax_regression(
    input_shape: tuple[int, ...] = (4,),
    num_classes: int = 3,
    *,
    columns: Columns = (),
) -> keras.Model:
    r"""Linear classifier on standardized inputs: raw measurements to logits.

    .. math::

        \text{logits} = W (x - \mu) / \sigma + b

    Args:
        input_shape: Shape of one sample; more than one axis is flattened.
        num_classes: Number of logits.
        columns: What the columns of a table hold, see `standardized`; none where all
            are numbers.
    """
    features = keras.Input(input_shape, name="features")
    x = standardized(features, columns)
    return keras.Model(features, Dense(num_classes, name="logits")(x))
