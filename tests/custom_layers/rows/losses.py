"""Rows of losses."""

from dataclasses import replace
from functools import partial

import keras
import numpy as np

import custom_layers as cl

from ..oracles import losses as oracle
from ..oracles.activations import sigmoid, softmax
from ..table import LossRow

_RNG = np.random.default_rng(11)
_NUMBERS = _RNG.normal(size=(6, 4))
_LOGITS = _RNG.normal(size=(6, 4)) * 3
_PROBABILITIES = softmax(_LOGITS)
_ANSWERS = _RNG.integers(0, 2, size=(6, 4)).astype(float)
_CLASSES = np.array([0, 3, 1, 2, 2, 0])
_ONE_HOT = np.eye(4)[_CLASSES]
_SIGNS = 2 * _ANSWERS - 1
_DISTRIBUTIONS = softmax(_RNG.normal(size=(6, 4)))
_CODES = np.array([[0, 1, 1, -1], [1, -1, -1, -1], [0, 0, 1, 1]] * 2)
_IMAGE_LOGITS = _RNG.normal(size=(6, 4, 4, 3))
_IMAGE_CLASSES = _RNG.integers(0, 3, size=(6, 4, 4))
_TOKENS = np.array([[0, 1, 2, -1], [2, -1, -1, -1], [1, 0, 2, 2]] * 2)
_ACTIONS = np.array([[0.0], [2.0], [1.0], [2.0], [0.0], [1.0]])
_TARGETS = np.hstack([_ACTIONS, 2 * _NUMBERS[:, :1]])
# Log-probabilities on either side of what the clipped ratio allows, and within it.
_EXPERIENCE = np.hstack([_ACTIONS, _NUMBERS[:, :2], np.log([[0.1, 0.9, 0.3] * 2]).T])
_TOKEN_LOGITS = _RNG.normal(size=(6, 4, 3))


def _loss_row(cls, function, targets, predictions, **kwargs):
    return LossRow(
        cls,
        getattr(keras.losses, cls.__name__, None),
        getattr(oracle, function.__name__),
        kwargs,
        function,
        getattr(keras.losses, function.__name__, None),
        targets,
        predictions,
    )


_BINARY = partial(
    _loss_row, cl.losses.BinaryCrossentropy, cl.losses.binary_crossentropy, _ANSWERS
)
_CATEGORICAL = partial(
    _loss_row, cl.losses.CategoricalCrossentropy, cl.losses.categorical_crossentropy
)
_SPARSE = partial(
    _loss_row,
    cl.losses.SparseCategoricalCrossentropy,
    cl.losses.sparse_categorical_crossentropy,
)


def _huber(**kwargs):
    row = _loss_row(cl.losses.Huber, cl.losses.huber, _NUMBERS, _LOGITS, **kwargs)
    return replace(row, peer_forgets=frozenset({"delta"}))


LOSSES = [
    _huber(),
    _huber(delta=0.4),
    _loss_row(
        cl.losses.MeanSquaredError, cl.losses.mean_squared_error, _NUMBERS, _LOGITS
    ),
    _loss_row(
        cl.losses.MeanAbsoluteError, cl.losses.mean_absolute_error, _NUMBERS, _LOGITS
    ),
    _BINARY(sigmoid(_LOGITS)),
    _BINARY(_LOGITS, from_logits=True, label_smoothing=0.2),
    _CATEGORICAL(_ONE_HOT, _PROBABILITIES * 3),
    _CATEGORICAL(_ONE_HOT, _LOGITS, from_logits=True, label_smoothing=0.2),
    _CATEGORICAL(_ONE_HOT, _PROBABILITIES, label_smoothing=0.1),
    _CATEGORICAL(
        np.moveaxis(np.eye(3)[_IMAGE_CLASSES], -1, 1),
        np.moveaxis(_IMAGE_LOGITS, -1, 1),
        from_logits=True,
        axis=1,
    ),
    _SPARSE(_CLASSES, _PROBABILITIES),
    _SPARSE(_CLASSES, _LOGITS, from_logits=True),
    replace(
        _SPARSE(_IMAGE_CLASSES, _IMAGE_LOGITS, from_logits=True, ignore_class=2),
        peer_differs=("torch",),  # fails on weights of the samples
    ),
    _SPARSE(_CLASSES, _PROBABILITIES, ignore_class=0),
    _loss_row(cl.losses.Hinge, cl.losses.hinge, _SIGNS, _LOGITS),
    _loss_row(cl.losses.Hinge, cl.losses.hinge, _ANSWERS, _NUMBERS),
    _loss_row(cl.losses.SquaredHinge, cl.losses.squared_hinge, _SIGNS, _LOGITS),
    _loss_row(cl.losses.SquaredHinge, cl.losses.squared_hinge, _ANSWERS, _NUMBERS),
    _loss_row(
        cl.losses.CategoricalHinge, cl.losses.categorical_hinge, _ONE_HOT, _NUMBERS
    ),
    _loss_row(
        cl.losses.KLDivergence,
        cl.losses.kl_divergence,
        _DISTRIBUTIONS,
        _PROBABILITIES,
    ),
    _loss_row(
        cl.losses.KLDivergence, cl.losses.kl_divergence, _ONE_HOT, _DISTRIBUTIONS
    ),
    _loss_row(
        cl.losses.PerceptronCriterion, cl.losses.perceptron_criterion, _SIGNS, _LOGITS
    ),
    _loss_row(
        cl.losses.PerceptronCriterion,
        cl.losses.perceptron_criterion,
        _ANSWERS,
        _NUMBERS,
    ),
    _loss_row(
        cl.losses.NegativeSamplingLoss,
        cl.losses.negative_sampling_loss,
        _ANSWERS,
        _LOGITS,
    ),
    _loss_row(
        cl.losses.HierarchicalSoftmaxLoss,
        cl.losses.hierarchical_softmax_loss,
        _CODES,
        _LOGITS,
    ),
    _loss_row(
        cl.losses.SparsePerceptronCriterion,
        cl.losses.sparse_perceptron_criterion,
        _CLASSES,
        _LOGITS,
    ),
    _loss_row(
        cl.losses.MaskedBinaryCrossentropy,
        cl.losses.masked_binary_crossentropy,
        _CODES,
        _LOGITS,
    ),
    _loss_row(
        cl.losses.TokenCrossentropy,
        cl.losses.token_crossentropy,
        _TOKENS,
        _TOKEN_LOGITS,
    ),
    _loss_row(
        cl.losses.TokenCrossentropy,
        cl.losses.token_crossentropy,
        np.abs(_TOKENS),
        _TOKEN_LOGITS,
        ignore_class=2,
    ),
    _loss_row(
        cl.losses.EvidenceLowerBound,
        cl.losses.evidence_lower_bound_loss,
        sigmoid(_RNG.normal(size=(6, 2, 3))),
        _RNG.normal(size=(6, 2 * 3 + 2 * 2)),
    ),
    _loss_row(
        cl.losses.TemporalDifferenceLoss,
        cl.losses.temporal_difference_loss,
        _TARGETS,
        _NUMBERS,
        delta=0.7,
    ),
    _loss_row(
        cl.losses.PolicyGradientLoss,
        cl.losses.policy_gradient_loss,
        _EXPERIENCE,
        _NUMBERS,
        entropy_weight=0.1,
    ),
    _loss_row(
        cl.losses.ClippedSurrogateLoss,
        cl.losses.clipped_surrogate_loss,
        _EXPERIENCE,
        _NUMBERS,
    ),
    _loss_row(
        cl.losses.ClippedSurrogateLoss,
        cl.losses.clipped_surrogate_loss,
        _EXPERIENCE,
        _NUMBERS,
        clip=0.4,
        value_weight=0.2,
        entropy_weight=0.3,
    ),
    *[
        _loss_row(
            cl.losses.AdversarialLoss,
            cl.losses.adversarial_loss,
            _CLASSES,
            _RNG.normal(size=(6, 4 + 3)),
            **options,
        )
        for options in (
            {},
            {"game": "minimax"},
            {"game": "least_squares", "penalty_weight": 2.0},
            {"game": "wasserstein"},
        )
    ],
    _loss_row(
        cl.losses.ContrastiveLoss,
        cl.losses.contrastive_loss,
        _CLASSES,
        _RNG.normal(size=(6, 8)),
        temperature=0.2,
    ),
    _loss_row(
        cl.losses.OutputLoss,
        cl.losses.output_loss,
        _CLASSES,
        _RNG.normal(size=(6, 3)),
    ),
]
