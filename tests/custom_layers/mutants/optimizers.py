"""Broken optimizers."""

import custom_layers as cl
from custom_layers import fast

from ..checks import common, functions, optimizers
from .listing import mutant, row_of

SGD = row_of(cl.optimizers.SGD)
MOMENTUM = row_of(cl.optimizers.SGD, momentum=0.9)
NESTEROV = row_of(cl.optimizers.SGD, momentum=0.9, nesterov=True)
ADAM = row_of(cl.optimizers.Adam)
AMSGRAD = row_of(cl.optimizers.Adam, amsgrad=True)
ADAMW = row_of(cl.optimizers.AdamW)
ADAGRAD = row_of(cl.optimizers.Adagrad)
RMSPROP = row_of(cl.optimizers.RMSprop)
CENTERED = row_of(cl.optimizers.RMSprop, centered=True)
ADADELTA = row_of(cl.optimizers.Adadelta)
PERCEPTRON = row_of(cl.optimizers.PerceptronRule)
BY_NORM = row_of(cl.optimizers.clip_by_norm)
BY_GLOBAL_NORM = row_of(cl.optimizers.clip_by_global_norm)


@mutant(optimizers.check_oracle, SGD, "weights")
@mutant(optimizers.check_namesake, SGD, "weights")
@mutant(optimizers.check_training, SGD, "weights")
class ClimbsUp(cl.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        super().update_step(-gradient, variable, learning_rate)


@mutant(optimizers.check_oracle, MOMENTUM, "weights")
class PushesBack(cl.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        self.momentum = -abs(self.momentum)
        super().update_step(gradient, variable, learning_rate)


@mutant(optimizers.check_oracle, NESTEROV, "weights")
class DoesNotLookAhead(cl.optimizers.SGD):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.nesterov = False


@mutant(optimizers.check_oracle, ADAM, "weights")
class CountsFromTwo(cl.optimizers.Adam):
    def _correction(self, step):
        return super()._correction(step + 1)


@mutant(optimizers.check_oracle, AMSGRAD, "weights")
class ForgetsTheHighest(cl.optimizers.Adam):
    def __init__(self, *args, amsgrad=False, **kwargs):
        super().__init__(*args, **kwargs)


@mutant(optimizers.check_namesake, MOMENTUM, "slots")
class RenamesItsSlot(cl.optimizers.SGD):
    def add_optimizer_variables(self, variables, name, **kwargs):
        return super().add_optimizer_variables(variables, "speed", **kwargs)


@mutant(optimizers.check_config, MOMENTUM, "missing config keys")
class DropsTheMomentum(cl.optimizers.SGD):
    def get_config(self):
        config = super().get_config()
        del config["momentum"]
        return config


@mutant(common.check_config_round_trip, ADAM, "config")
@mutant(optimizers.check_config, ADAM, "config")
class ForgetsTheRate(cl.optimizers.Adam):
    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(**config | {"learning_rate": 0.5})


@mutant(optimizers.check_resuming, MOMENTUM, "weights")
class ForgetsItsSlots(cl.optimizers.SGD):
    def load_own_variables(self, store):
        del store


@mutant(optimizers.check_low_precision, MOMENTUM, "dtype of the slots")
class KeepsSlotsInSinglePrecision(cl.optimizers.SGD):
    def add_variable_from_reference(self, variable, name=None, initializer="zeros"):
        return self.add_variable(variable.shape, initializer, "float32", name=name)


@mutant(optimizers.check_embedding_gradient, SGD, "weights")
class TakesItForTheFirstRow(cl.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        rows_ = gradient.indices * 0
        gradient = type(gradient)(gradient.values, rows_, gradient.dense_shape)
        super().update_step(gradient, variable, learning_rate)


@mutant(common.check_signature, SGD, "signature")
class TakesLess(cl.optimizers.SGD):
    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False):
        super().__init__(learning_rate, momentum, nesterov)


@mutant(optimizers.check_oracle, ADAGRAD, "weights")
class ForgetsThePast(cl.optimizers.Adagrad):
    def assign_add(self, variable, value):
        self.assign(variable, value)


@mutant(optimizers.check_oracle, RMSPROP, "weights")
class KeepsTooMuch(cl.optimizers.RMSprop):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.rho **= 0.9


@mutant(optimizers.check_oracle, CENTERED, "weights")
class ForgetsToCenter(cl.optimizers.RMSprop):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.centered = False


@mutant(optimizers.check_oracle, ADADELTA, "weights")
class ForgetsEpsilon(cl.optimizers.Adadelta):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.epsilon = 1e-6


@mutant(optimizers.check_oracle, ADAMW, "weights")
class DecaysInTheGradient(cl.optimizers.AdamW):
    def update_step(self, gradient, variable, learning_rate):
        gradient = gradient + self.weight_decay * variable
        super().update_step(gradient, variable, learning_rate)

    def _apply_weight_decay(self, variables):
        del variables


@mutant(optimizers.check_oracle, PERCEPTRON, "weights")
class LearnsTwice(cl.optimizers.PerceptronRule):
    def update_step(self, gradient, variable, learning_rate):
        super().update_step(2 * gradient, variable, learning_rate)


@mutant(optimizers.check_kernels, ADAM, "weights")
class IsFasterWithKernels(cl.optimizers.Adam):
    def update_step(self, gradient, variable, learning_rate):
        faster = 1 if fast.TABLE is fast.NEEDED else 1.01
        super().update_step(gradient, variable, learning_rate * faster)


@mutant(optimizers.check_embedding_gradient, ADAGRAD, "weights")
@mutant(optimizers.check_embedding_training, ADAGRAD, "weights")
class TakesTheFirstOfARow(cl.optimizers.Adagrad):
    def _scaled(self, gradient, squares):
        return super()._scaled(gradient[:1] + 0 * gradient, squares)


@mutant(functions.check_function_oracle, BY_NORM)
def clips_all_together(gradients, limit):
    return cl.optimizers.clip_by_global_norm(gradients, limit)


@mutant(functions.check_function_oracle, BY_GLOBAL_NORM)
def clips_each_by_itself(gradients, limit):
    return cl.optimizers.clip_by_norm(gradients, limit)
