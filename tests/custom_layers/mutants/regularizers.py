"""Broken penalties."""

from keras import ops

import custom_layers as cl

from ..checks import common, functions, layers
from .listing import mutant, row_of

L1 = row_of(cl.regularizers.L1)
L2 = row_of(cl.regularizers.L2, l2=0.3)
BOTH = row_of(cl.regularizers.L1L2, l1=0.3, l2=0.2)


@mutant(functions.check_regularizer_oracle, L2)
@mutant(functions.check_regularizer_namesake, L2)
class HalvesTheSquares(cl.regularizers.L2):
    def __call__(self, x):
        return super().__call__(x) / 2


@mutant(functions.check_regularizer_oracle, BOTH)
class ForgetsTheAbsoluteValues(cl.regularizers.L1L2):
    def __call__(self, x):
        return cl.regularizers.L2(self.l2)(x)


@mutant(functions.check_regularizer_gradient, L1, "gradient")
class HasNoGradient(cl.regularizers.L1):
    def __call__(self, x):
        return super().__call__(ops.stop_gradient(x)) + 0 * ops.sum(x)


@mutant(functions.check_regularizer_namesake, BOTH, "missing config keys")
@mutant(common.check_config_round_trip, BOTH, "config")
class ForgetsAStrength(cl.regularizers.L1L2):
    def get_config(self):
        return {"l1": self.l1}

    @classmethod
    def from_config(cls, config):
        return cls(l2=0.0)


@mutant(layers.check_namesake, row_of(cl.ActivityRegularization), "losses")
class PenalizesNothing(cl.ActivityRegularization):
    def __init__(self, l1, l2):
        super().__init__()
