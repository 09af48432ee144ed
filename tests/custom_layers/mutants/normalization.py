"""Broken layers: normalization."""

from keras import ops

import custom_layers as cl

from .. import rows
from ..checks import layers
from .listing import mutant, row_of

IMAGES = row_of(cl.BatchNormalization, gamma_regularizer="l2")
LAST = row_of(cl.LayerNormalization)
SCALED = next(
    row
    for row in rows.LAYERS
    if row.component is cl.LayerNormalization and row.kwargs.get("axis") == (1, 2)
)


@mutant(layers.check_oracle, IMAGES)
class NormalizesByTheBatch(cl.BatchNormalization):
    def call(self, inputs, training=None, mask=None):
        return super().call(inputs, training=True)


@mutant(layers.check_namesake, IMAGES, "weights")
class TakesTheVarianceOfThePopulation(cl.BatchNormalization):
    def call(self, inputs, training=None, mask=None):
        outputs = super().call(inputs, training=training)
        if training:
            self.moving_variance.assign(self.moving_variance.value * 1.001)
        return outputs


@mutant(layers.check_gradient, IMAGES, "gradient")
@mutant(layers.check_namesake_gradient, IMAGES, "gradient")
class TakesTheMomentsForConstants(cl.BatchNormalization):
    def call(self, inputs, training=None, mask=None):
        if not training:
            return super().call(inputs)
        mean, variance = ops.moments(ops.stop_gradient(inputs), (0, 1, 2))
        normal = (inputs - mean) * ops.rsqrt(variance + self.epsilon)
        return normal * self.gamma + self.beta


@mutant(layers.check_namesake, row_of(cl.BatchNormalization, momentum=0.8), "weights")
class HasTheDefaultMomentum(cl.BatchNormalization):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.momentum = 0.99


@mutant(layers.check_oracle, LAST)
class NormalizesOverThePositions(cl.LayerNormalization):
    def call(self, inputs):
        mean, variance = ops.moments(inputs, (1, 2), keepdims=True)
        normal = (inputs - mean) * ops.rsqrt(variance + self.epsilon)
        return normal * self.gamma + self.beta


@mutant(layers.check_gradient, LAST, "gradient")
class TakesTheDeviationForAConstant(cl.LayerNormalization):
    def call(self, inputs):
        mean, variance = ops.moments(inputs, -1, keepdims=True)
        deviation = ops.stop_gradient(ops.sqrt(variance + self.epsilon))
        return (inputs - mean) / deviation * self.gamma + self.beta


@mutant(layers.check_mixed_precision, LAST, "dtype")
class AnswersInSinglePrecision(cl.LayerNormalization):
    def call(self, inputs):
        return ops.cast(super().call(inputs), "float32")


@mutant(layers.check_config, SCALED, "config after build")
class RewritesItsAxis(cl.LayerNormalization):
    def build(self, input_shape):
        super().build(input_shape)
        self.axis = [axis % len(input_shape) - len(input_shape) for axis in self.axis]
