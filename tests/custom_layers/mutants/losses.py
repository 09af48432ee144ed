"""Broken losses."""

from keras import ops

import custom_layers as cl

from ..checks import common, losses
from .listing import is_concrete, mutant, row_of

MSE = row_of(cl.losses.MeanSquaredError)
BINARY = row_of(cl.losses.BinaryCrossentropy, from_logits=True)
PROBABILITY = row_of(cl.losses.BinaryCrossentropy)
CATEGORICAL = row_of(cl.losses.CategoricalCrossentropy, from_logits=True)
SPARSE = row_of(cl.losses.SparseCategoricalCrossentropy)
IGNORING = row_of(cl.losses.SparseCategoricalCrossentropy, ignore_class=2)


@mutant(losses.check_oracle, MSE, field="function")
@mutant(losses.check_gradient, MSE, "gradient", field="function")
def forgets_the_square(y_true, y_pred):
    del y_true
    return ops.stop_gradient(ops.mean(y_pred, axis=-1)) + 0 * ops.sum(y_pred, axis=-1)


@mutant(losses.check_namesake, MSE, field="function")
def averages_the_batch_away(y_true, y_pred):
    return ops.mean(ops.square(y_true - y_pred), axis=0)


@mutant(losses.check_gradient, BINARY, "gradient", field="function")
def has_a_kink_at_nothing(y_true, y_pred, from_logits, label_smoothing):
    loss = cl.losses.binary_crossentropy(y_true, y_pred, from_logits, label_smoothing)
    return loss + ops.mean(y_pred - ops.stop_gradient(y_pred), axis=-1)


@mutant(losses.check_oracle, BINARY, field="function")
def ignores_smoothing(y_true, y_pred, from_logits, label_smoothing):
    return cl.losses.binary_crossentropy(y_true, y_pred, from_logits)


@mutant(losses.check_oracle, CATEGORICAL, field="function")
def takes_logits_for_probabilities(y_true, y_pred, from_logits, label_smoothing):
    p = ops.exp(y_pred)
    return cl.losses.categorical_crossentropy(
        y_true, p, from_logits=True, label_smoothing=label_smoothing
    )


@mutant(losses.check_extremes, PROBABILITY, field="function")
def takes_the_logarithm_of_zero(y_true, y_pred):
    return -ops.mean(y_true * ops.log(y_pred), axis=-1)


@mutant(losses.check_extremes, BINARY, field="function")
def overflows(y_true, y_pred, from_logits, label_smoothing):
    losses_ = ops.log(1 + ops.exp(y_pred)) - y_true * y_pred
    return ops.mean(losses_, axis=-1)


@mutant(losses.check_arguments, MSE, "signature of the function", field="function")
def has_another_argument(y_true, y_pred, axis=-1):
    return cl.losses.mean_squared_error(y_true, y_pred)


@mutant(losses.check_arguments, PROBABILITY, "signature")
class TakesLogitsByDefault(cl.losses.BinaryCrossentropy):
    def __init__(
        self,
        from_logits=True,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="binary_crossentropy",
        dtype=None,
    ):
        super().__init__(from_logits, label_smoothing, axis, reduction, name, dtype)


@mutant(losses.check_namesake, IGNORING)
class CountsTheIgnored(cl.losses.SparseCategoricalCrossentropy):
    def call(self, y_true, y_pred):
        return super().call(y_true, y_pred) * 1


@mutant(losses.check_ranks, SPARSE)
class TakesAColumnForOneClass(cl.losses.SparseCategoricalCrossentropy):
    def call(self, y_true, y_pred):
        if len(y_true.shape) == len(y_pred.shape):
            y_true = 0 * y_true + y_true[:1]
        return super().call(y_true, y_pred)


@mutant(losses.check_config, BINARY, "config")
@mutant(common.check_config_round_trip, BINARY, "config")
class ForgetsSmoothing(cl.losses.BinaryCrossentropy):
    @classmethod
    def from_config(cls, config):
        return cls(**config | {"label_smoothing": 0.0})


@mutant(losses.check_config, BINARY, "missing config keys")
class DropsSmoothing(cl.losses.BinaryCrossentropy):
    def get_config(self):
        config = super().get_config()
        del config["label_smoothing"]
        return config


@mutant(losses.check_mixed_precision, MSE, "dtype")
class HasADtypeOfItsOwn(cl.losses.MeanSquaredError):
    def __init__(self, dtype=None, **kwargs):
        super().__init__(dtype="float32", **kwargs)


@mutant(losses.check_forms, MSE)
class LosesMoreWhenCompiled(cl.losses.MeanSquaredError):
    def call(self, y_true, y_pred):
        return super().call(y_true, y_pred) + (0 if is_concrete(y_pred) else 1)
