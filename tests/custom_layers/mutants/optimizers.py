"""Broken optimizers."""

import custom_layers as cl

from ..checks import common, optimizers
from .listing import mutant, row_of

SGD = row_of(cl.optimizers.SGD)
MOMENTUM = row_of(cl.optimizers.SGD, momentum=0.9)
NESTEROV = row_of(cl.optimizers.SGD, momentum=0.9, nesterov=True)
ADAM = row_of(cl.optimizers.Adam)
AMSGRAD = row_of(cl.optimizers.Adam, amsgrad=True)


@mutant(optimizers.check_oracle, SGD)
@mutant(optimizers.check_namesake, SGD)
@mutant(optimizers.check_training, SGD)
class ClimbsUp(cl.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        super().update_step(-gradient, variable, learning_rate)


@mutant(optimizers.check_oracle, MOMENTUM)
class PushesBack(cl.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        self.momentum = -abs(self.momentum)
        super().update_step(gradient, variable, learning_rate)


@mutant(optimizers.check_oracle, NESTEROV)
class DoesNotLookAhead(cl.optimizers.SGD):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.nesterov = False


@mutant(optimizers.check_oracle, ADAM)
class CountsFromTwo(cl.optimizers.Adam):
    def _corrected(self, learning_rate, dtype):
        correction = super()._corrected(learning_rate, dtype)
        return correction * (1 - self.beta_1) / (1 - self.beta_1**2)


@mutant(optimizers.check_oracle, AMSGRAD)
class ForgetsTheHighest(cl.optimizers.Adam):
    def __init__(self, *args, amsgrad=False, **kwargs):
        super().__init__(*args, **kwargs)


@mutant(optimizers.check_namesake, MOMENTUM)
class RenamesItsSlot(cl.optimizers.SGD):
    def add_optimizer_variables(self, variables, name, **kwargs):
        return super().add_optimizer_variables(variables, "speed", **kwargs)


@mutant(optimizers.check_config, MOMENTUM)
class DropsTheMomentum(cl.optimizers.SGD):
    def get_config(self):
        config = super().get_config()
        del config["momentum"]
        return config


@mutant(common.check_config_round_trip, ADAM)
@mutant(optimizers.check_config, ADAM)
class ForgetsTheRate(cl.optimizers.Adam):
    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(**config | {"learning_rate": 0.5})


@mutant(optimizers.check_resuming, MOMENTUM)
class ForgetsItsSlots(cl.optimizers.SGD):
    def load_own_variables(self, store):
        del store


@mutant(optimizers.check_low_precision, MOMENTUM)
class KeepsSlotsInSinglePrecision(cl.optimizers.SGD):
    def add_variable_from_reference(self, variable, name=None, initializer="zeros"):
        return self.add_variable(variable.shape, initializer, "float32", name=name)


@mutant(optimizers.check_embedding_gradient, SGD)
class TakesItForTheFirstRow(cl.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        rows_ = gradient.indices * 0
        gradient = type(gradient)(gradient.values, rows_, gradient.dense_shape)
        super().update_step(gradient, variable, learning_rate)


@mutant(common.check_signature, SGD)
class TakesLess(cl.optimizers.SGD):
    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False):
        super().__init__(learning_rate, momentum, nesterov)
