"""Rows of the objectives of autoencoders and adversarial networks."""

import numpy as np
from keras import ops

import custom_layers as cl

from ..oracles import objectives as oracle
from ..oracles.activations import sigmoid
from ..table import FunctionRow, RegularizerRow

_RNG = np.random.default_rng(17)
_REAL = _RNG.normal(size=(5, 3))
_FAKE = _RNG.normal(size=(5, 3))
_IMAGES = _RNG.uniform(size=(4, 3, 2, 1))
_LOGITS = _RNG.normal(size=(4, 3, 2, 1))
_MEAN = _RNG.normal(size=(4, 2))
_LOG_VARIANCE = _RNG.normal(size=(4, 2))


def _row(function, *arguments, **kwargs):
    formula = getattr(oracle, function.__name__)
    return FunctionRow(function, None, formula, kwargs, arguments=arguments)


def _squares(x):
    return ops.sum(ops.square(x), axis=-1, keepdims=True)


def _penalty_of_squares(real, fake, critic, seed):
    # Between equal samples lies the sample, wherever chance would look.
    return (2 * np.linalg.norm(real, axis=1) - 1) ** 2


FUNCTIONS = [
    _row(cl.losses.gaussian_kl, _MEAN, _LOG_VARIANCE),
    _row(
        cl.losses.negative_evidence_lower_bound, _IMAGES, _LOGITS, _MEAN, _LOG_VARIANCE
    ),
    _row(
        cl.losses.negative_evidence_lower_bound,
        _IMAGES,
        _LOGITS,
        _MEAN,
        _LOG_VARIANCE,
        likelihood="gaussian",
    ),
    _row(cl.losses.sparsity_penalty, sigmoid(_REAL)),
    _row(cl.losses.sparsity_penalty, sigmoid(_LOGITS), rho=0.3),
    _row(cl.losses.minimax_discriminator_loss, _REAL, _FAKE),
    _row(cl.losses.minimax_generator_loss, _FAKE),
    _row(cl.losses.non_saturating_generator_loss, _FAKE),
    _row(cl.losses.least_squares_discriminator_loss, _REAL, _FAKE),
    _row(cl.losses.least_squares_generator_loss, _FAKE),
    _row(cl.losses.wasserstein_critic_loss, _REAL, _FAKE),
    _row(cl.losses.wasserstein_generator_loss, _FAKE),
    FunctionRow(
        cl.losses.gradient_penalty,
        None,
        _penalty_of_squares,
        {"critic": _squares, "seed": 3},
        arguments=(_REAL, _REAL),
    ),
]


def _batch_times_penalty(x, rho=0.05, beta=1.0):
    return len(x) * beta * oracle.sparsity_penalty(x, rho)


REGULARIZERS = [
    RegularizerRow(cl.losses.SparsityPenalty, None, _batch_times_penalty),
    RegularizerRow(
        cl.losses.SparsityPenalty,
        None,
        _batch_times_penalty,
        {"rho": 0.2, "beta": 3.0},
    ),
]
