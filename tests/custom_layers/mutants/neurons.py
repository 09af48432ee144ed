"""Broken neurons."""

from keras import ops

import custom_layers as cl

from ..checks import layers
from .listing import mutant, row_of

MAXOUT = row_of(cl.Maxout, pieces=3)
RBF = row_of(cl.RBF, gamma=0.5)


@mutant(layers.check_oracle, row_of(cl.McCullochPitts))
class ForgetsItsThreshold(cl.McCullochPitts):
    def call(self, inputs):
        self.threshold = 0 * self.threshold
        return super().call(inputs)


@mutant(layers.check_oracle, row_of(cl.Perceptron))
class FiresBelow(cl.Perceptron):
    def activate(self, outputs):
        return super().activate(-outputs)


@mutant(layers.check_oracle, MAXOUT)
class TakesNeighbours(cl.Maxout):
    def call(self, inputs):
        sums = ops.matmul(inputs, self.kernel)
        shape = (*inputs.shape[:-1], self.units, self.pieces)
        return ops.max(ops.reshape(sums, shape), axis=-1)


@mutant(layers.check_gradient, MAXOUT, "gradient")
class SpreadsTheGradient(cl.Maxout):
    def call(self, inputs):
        largest = super().call(inputs)
        total = ops.sum(ops.matmul(inputs, self.kernel), axis=-1, keepdims=True)
        return ops.stop_gradient(largest - total) + total


@mutant(layers.check_config, RBF, "config after build")
class RewritesItsWidth(cl.RBF):
    def build(self, input_shape):
        super().build(input_shape)
        self.gamma = 1.0


@mutant(layers.check_oracle, RBF)
class ForgetsASquare(cl.RBF):
    def call(self, inputs):
        return super().call(inputs) * ops.exp(
            -1e-3 * ops.sum(ops.square(inputs), axis=-1, keepdims=True)
        )


@mutant(layers.check_gradient, RBF, "gradient")
class MovesTheOriginToo(cl.RBF):
    """The gradient of the centres as if their mean were one more weight."""

    def call(self, inputs):
        origin = ops.mean(self.centers, axis=0)
        return super().call(inputs + origin - ops.stop_gradient(origin))
