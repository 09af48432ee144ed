"""Broken losses without a namesake, and broken penalties."""

import keras
import numpy as np
from keras import ops

import custom_layers as cl

from ..checks import functions, losses
from ..table import FunctionRow
from .listing import is_concrete, mutant, row_of

HINGE = row_of(cl.losses.Hinge)
SQUARED_HINGE = row_of(cl.losses.SquaredHinge)
CATEGORICAL_HINGE = row_of(cl.losses.CategoricalHinge)
MAE = row_of(cl.losses.MeanAbsoluteError)
DIVERGENCE = row_of(cl.losses.KLDivergence)
PERCEPTRON = row_of(cl.losses.PerceptronCriterion)
SAMPLED = row_of(cl.losses.NegativeSamplingLoss)
PATH = row_of(cl.losses.HierarchicalSoftmaxLoss)
ONE_AGAINST_REST = row_of(cl.losses.SparsePerceptronCriterion)
MASKED = row_of(cl.losses.MaskedBinaryCrossentropy)
TOKENS = row_of(cl.losses.TokenCrossentropy)
OTHER_PADDING = row_of(cl.losses.TokenCrossentropy, ignore_class=2)
ONE_OUTPUT = row_of(cl.losses.EvidenceLowerBound)
GAUSSIAN = row_of(cl.losses.gaussian_kl)
BOUND = row_of(cl.losses.negative_evidence_lower_bound)
NORMAL_BOUND = row_of(cl.losses.negative_evidence_lower_bound, likelihood="gaussian")
SURROGATE = row_of(cl.losses.ClippedSurrogateLoss)
ACTION_VALUES = row_of(cl.losses.TemporalDifferenceLoss, delta=0.7)
SPARSITY = row_of(cl.losses.sparsity_penalty)
REGULARIZER = row_of(cl.losses.SparsityPenalty, beta=3.0)
SLOPE = row_of(cl.losses.gradient_penalty)
NAMESAKE = FunctionRow(
    cl.losses.kl_divergence,
    keras.losses.kl_divergence,
    arguments=(np.array([[0.2, 0.8]]), np.array([[0.5, 0.5]])),
)


@mutant(losses.check_oracle, HINGE, field="function")
def wants_no_margin(y_true, y_pred):
    return cl.losses.perceptron_criterion(y_true, y_pred)


@mutant(losses.check_namesake, SQUARED_HINGE, field="function")
def forgets_to_square(y_true, y_pred):
    return cl.losses.hinge(y_true, y_pred)


@mutant(losses.check_oracle, CATEGORICAL_HINGE, field="function")
def wants_no_margin_between_classes(y_true, y_pred):
    right = ops.sum(y_true * y_pred, axis=-1)
    return ops.relu(ops.max((1 - y_true) * y_pred, axis=-1) - right)


@mutant(losses.check_oracle, SURROGATE, field="function")
def never_clips_the_ratio(y_true, y_pred):
    return cl.losses.clipped_surrogate_loss(y_true, y_pred, clip=100.0)


@mutant(losses.check_oracle, ACTION_VALUES, field="function")
def learns_the_best_action_whichever_was_taken(y_true, y_pred, delta=1.0):
    best = ops.cast(ops.argmax(y_pred, axis=-1), y_true.dtype)
    y_true = ops.concatenate([best[:, None], y_true[:, 1:]], axis=-1)
    return cl.losses.temporal_difference_loss(y_true, y_pred, delta)


@mutant(losses.check_oracle, MAE, field="function")
def keeps_the_sign(y_true, y_pred):
    return ops.mean(y_true - y_pred, axis=-1)


@mutant(losses.check_oracle, DIVERGENCE, field="function")
@mutant(functions.check_function_namesake, NAMESAKE)
def diverges_the_other_way(y_true, y_pred):
    return cl.losses.kl_divergence(y_pred, y_true)


@mutant(losses.check_oracle, PERCEPTRON, field="function")
def punishes_what_is_right(y_true, y_pred):
    return cl.losses.perceptron_criterion(y_true, -y_pred)


@mutant(losses.check_oracle, SAMPLED, field="function")
def forgets_the_noise(y_true, y_pred):
    return ops.sum(ops.multiply(y_true, ops.softplus(-y_pred)), axis=-1)


@mutant(losses.check_oracle, PATH, field="function")
def counts_what_is_beyond_the_path(y_true, y_pred):
    return cl.losses.hierarchical_softmax_loss(ops.abs(y_true), y_pred)


@mutant(losses.check_oracle, ONE_AGAINST_REST, field="function")
def looks_at_the_right_class_alone(y_true, y_pred):
    score = ops.take_along_axis(y_pred, ops.cast(y_true, "int32")[:, None], axis=-1)
    return ops.relu(-score)[:, 0]


@mutant(losses.check_oracle, MASKED, field="function")
def counts_what_is_masked(y_true, y_pred):
    return cl.losses.masked_binary_crossentropy(ops.abs(y_true), y_pred)


@mutant(losses.check_oracle, TOKENS, field="function")
def divides_by_the_number_of_tokens(y_true, y_pred, ignore_class=-1):
    tokens = ops.mean(ops.cast(y_true != ignore_class, y_pred.dtype), axis=-1)
    return cl.losses.token_crossentropy(y_true, y_pred, ignore_class) / tokens


@mutant(losses.check_config, OTHER_PADDING)
class ForgetsTheClassOfPadding(cl.losses.TokenCrossentropy):
    def get_config(self):
        return super().get_config() | {"ignore_class": -1}


@mutant(losses.check_oracle, ONE_OUTPUT, field="function")
def takes_means_for_variances(y_true, y_pred):
    logits, mean, log_variance = ops.split(y_pred, [6, 8], axis=1)
    swapped = ops.concatenate([logits, log_variance, mean], axis=1)
    return cl.losses.evidence_lower_bound_loss(y_true, swapped)


@mutant(losses.check_extremes, PATH, field="function")
def has_a_path_that_overflows(y_true, y_pred):
    scores = 100 * (2 * y_true - 1) * y_pred
    return ops.sum(ops.log(1 + ops.exp(scores)), axis=-1)


@mutant(functions.check_function_oracle, GAUSSIAN)
def takes_deviations_for_variances(mean, log_variance):
    return cl.losses.gaussian_kl(mean, 2 * log_variance)


@mutant(functions.check_function_gradient, GAUSSIAN, "gradient")
def does_not_pull_the_mean(mean, log_variance):
    return cl.losses.gaussian_kl(ops.stop_gradient(mean), log_variance)


@mutant(functions.check_function_oracle, BOUND)
def forgets_the_divergence(y_true, reconstruction, mean, log_variance):
    nothing = 0 * mean
    return cl.losses.negative_evidence_lower_bound(
        y_true, reconstruction, nothing, nothing
    )


@mutant(functions.check_function_oracle, NORMAL_BOUND)
def forgets_the_constant(y_true, reconstruction, mean, log_variance, likelihood):
    errors = ops.sum(ops.square(y_true - reconstruction), axis=(1, 2, 3)) / 2
    return errors + cl.losses.gaussian_kl(mean, log_variance)


@mutant(functions.check_function_oracle, SPARSITY)
def penalizes_each_sample(activations):
    rho, m = 0.05, activations
    terms = rho * ops.log(rho / m) + (1 - rho) * ops.log((1 - rho) / (1 - m))
    return ops.sum(ops.mean(terms, axis=0))


@mutant(functions.check_regularizer_oracle, REGULARIZER)
class DividesByTheBatch(cl.losses.SparsityPenalty):
    def __call__(self, x):
        return super().__call__(x) / len(x)


@mutant(functions.check_regularizer_gradient, REGULARIZER, "gradient")
class LeavesActivationsAlone(cl.losses.SparsityPenalty):
    def __call__(self, x):
        return super().__call__(ops.stop_gradient(x)) + 0 * ops.sum(x)


@mutant(functions.check_function_oracle, SLOPE)
def halves_the_critic(real, fake, critic, seed):
    return cl.losses.gradient_penalty(real, fake, lambda x: critic(x) / 2, seed)


@mutant(functions.check_function_gradient, SLOPE, "gradient")
def is_a_constant(real, fake, critic, seed):
    return ops.stop_gradient(cl.losses.gradient_penalty(real, fake, critic, seed))


@mutant(functions.check_function_forms, GAUSSIAN)
def is_one_more_when_compiled(mean, log_variance):
    divergence = cl.losses.gaussian_kl(mean, log_variance)
    return divergence + (0 if is_concrete(mean) else 1)


@mutant(functions.check_function_low_precision, GAUSSIAN)
def squares_what_is_too_large_for_half_precision(mean, log_variance):
    mean = ops.convert_to_tensor(mean)
    square = ops.square(1e4 * mean) / 1e8
    return cl.losses.gaussian_kl(mean, log_variance) + ops.sum(square - mean**2, -1)
