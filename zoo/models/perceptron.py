"""Rosenblatt's perceptron, trained by its own rule (Rosenblatt, 1958).

Train with `zoo train perceptron --dataset and`; with `--dataset xor` the run says why
it fails (Minsky and Papert, 1969).
"""

import dataclasses
from typing import Any

import keras

from custom_layers import Dense, Flatten
from zoo.registry import Recipe, register

PAPER = (
    "Rosenblatt, 1958, The perceptron: a probabilistic model for information storage "
    "and organization in the brain"
)

AND = Recipe(
    dataset="and",
    optimizer=("PerceptronRule", {"learning_rate": 1.0}),
    loss=("SparsePerceptronCriterion", {}),
    batch_size=1,  # the rule corrects one mistake at a time
    epochs=20,
)
OR = dataclasses.replace(AND, dataset="or")
NOT = dataclasses.replace(AND, dataset="not")
XOR = dataclasses.replace(AND, dataset="xor")
SETOSA = dataclasses.replace(AND, dataset="setosa")
SHARED: dict[str, Any] = {"input": "features", "paper": PAPER}


@register("perceptron", recipe=AND, **SHARED)
@register("perceptron.and", recipe=AND, **SHARED)
@register("perceptron.or", recipe=OR, **SHARED)
@register("perceptron.not", recipe=NOT, input_shape=(1,), **SHARED)
@register("perceptron.setosa", recipe=SETOSA, input_shape=(4,), **SHARED)
@register("perceptron.xor", recipe=XOR, **SHARED)
def perceptron(
    input_shape: tuple[int, ...] = (2,), num_classes: int = 2
) -> keras.Model:
    r"""One linear neuron for each class, one versus rest: measurements to scores.

    .. math::

        s = W x + b, \quad W_0 = 0, \; b_0 = 0

    Measurements are not standardized, so they should be of similar scale. Each neuron
    is trained independently. With two classes, one score is always minus the other:
    the two neurons are one perceptron.

    Args:
        input_shape: Shape of one sample; more than one axis is flattened.
        num_classes: Number of scores.
    """
    features = keras.Input(input_shape, name="features")
    neurons = Dense(num_classes, kernel_initializer="zeros", name="logits")
    return keras.Model(features, neurons(Flatten()(features)))
