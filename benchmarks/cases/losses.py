"""Losses of a batch: of classes, and of 28 x 28 pixels."""

import keras
import numpy as np
from keras import ops
from keras.src.losses.losses import convert_binary_labels_to_hinge

from benchmarks.cases import FunctionCase, LossCase

_RNG = np.random.default_rng(1)
_PIXELS = (128, 784)


def _logits(*shape):
    return _RNG.normal(size=shape)


def _shares(*shape):
    exponentials = np.exp(_logits(*shape))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def _probabilities(*shape):
    return 1 / (1 + np.exp(-_logits(*shape)))


def _signs(*shape):
    return np.sign(_logits(*shape))


def _categorical(samples, classes, from_logits):
    draw = _logits if from_logits else _shares
    labels = _RNG.integers(0, classes, size=samples)
    kwargs = {"from_logits": from_logits}
    predictions = draw(samples, classes)
    one_hot = np.eye(classes, dtype="float32")[labels]
    return [
        LossCase("CategoricalCrossentropy", one_hot, predictions, kwargs),
        LossCase(
            "SparseCategoricalCrossentropy",
            labels.astype("int32"),
            predictions,
            kwargs,
        ),
    ]


class SparseCrossentropyOfTokens(keras.losses.SparseCategoricalCrossentropy):
    """Keras' cross-entropy that leaves a class out."""

    def __init__(self):
        super().__init__(from_logits=True, ignore_class=-1)


class SummedBinaryCrossentropy(keras.losses.Loss):
    """Keras' binary cross-entropy of each logit, masked and summed."""

    def call(self, y_true, y_pred):
        y_true = ops.cast(y_true, y_pred.dtype)
        terms = ops.binary_crossentropy(y_true, y_pred, from_logits=True)
        return ops.sum(ops.where(y_true < 0, 0.0, terms), axis=-1)


class ReconstructionAndDivergence(keras.losses.Loss):
    """Keras' binary cross-entropy of pixels, and the divergence by its formula."""

    def call(self, y_true, y_pred):
        return entropy_and_divergence(
            y_true, *ops.split(y_pred, [784, 784 + 32], axis=-1)
        )


class RectifiedScores(keras.losses.Loss):
    """The perceptron criterion of one-hot labels by its formula."""

    def call(self, y_true, y_pred):
        signs = 2.0 * ops.one_hot(y_true, y_pred.shape[-1]) - 1.0
        return ops.sum(ops.relu(-signs * y_pred), axis=-1)


class RectifiedSigns(keras.losses.Loss):
    """The formula, with Keras' own reading of labels 0 and 1 as -1 and 1."""

    def call(self, y_true, y_pred):
        signs = convert_binary_labels_to_hinge(y_true)
        return ops.mean(ops.relu(-signs * y_pred), axis=-1)


def divergence_by_formula(mean, log_variance):
    """The formula, as it stands."""
    kl = ops.square(mean) + ops.exp(log_variance) - 1 - log_variance
    return 0.5 * ops.sum(kl, axis=-1)


def entropy_and_divergence(y_true, logits, mean, log_variance):
    """Keras' binary cross-entropy, and the divergence by its formula."""
    terms = ops.binary_crossentropy(y_true, logits, from_logits=True)
    return ops.sum(terms, axis=-1) + divergence_by_formula(mean, log_variance)


class TwoCrossentropies(keras.losses.Loss):
    """The non-saturating game by Keras' binary cross-entropy."""

    def call(self, y_true, y_pred):
        signs = ops.convert_to_tensor([1.0, 0.0, 1.0])
        targets = ops.broadcast_to(signs, ops.shape(y_pred[:, :3]))
        terms = ops.binary_crossentropy(targets, y_pred[:, :3], from_logits=True)
        return ops.sum(terms, axis=-1) + 10.0 * y_pred[:, 3]


class CrossentropyOfViews(keras.losses.Loss):
    """NT-Xent by Keras' cross-entropy of a matrix of similarities."""

    def call(self, y_true, y_pred):
        both = ops.concatenate(ops.split(y_pred, 2, axis=-1), axis=0)
        both = ops.normalize(both, axis=-1)
        size = both.shape[0]
        logits = 2.0 * ops.matmul(both, ops.transpose(both)) - 1e9 * ops.eye(size)
        partners = ops.roll(ops.arange(size), size // 2)
        terms = ops.sparse_categorical_crossentropy(partners, logits, from_logits=True)
        return ops.mean(ops.reshape(terms, (2, -1)), axis=0)


class SumOfOutputs(keras.losses.Loss):
    """The sum of the outputs."""

    def call(self, y_true, y_pred):
        return ops.sum(y_pred, axis=-1)


def _likelihood(y_true, logits):
    """Keras' logarithm of the probability of each action."""
    actions = ops.cast(y_true[:, 0], "int32")
    return -ops.sparse_categorical_crossentropy(actions, logits, from_logits=True)


class PolicyByCrossentropy(keras.losses.Loss):
    """The policy gradient by Keras' cross-entropy, and the squared error of values."""

    def call(self, y_true, y_pred):
        gain = y_true[:, 1] * _likelihood(y_true, y_pred[:, :-1])
        return 0.5 * ops.square(y_pred[:, -1] - y_true[:, 2]) - gain


class SurrogateByCrossentropy(keras.losses.Loss):
    """The clipped surrogate by Keras' cross-entropy, and the same error of values."""

    def call(self, y_true, y_pred):
        advantage = y_true[:, 1]
        ratio = ops.exp(_likelihood(y_true, y_pred[:, :-1]) - y_true[:, 3])
        clipped = ops.clip(ratio, 0.8, 1.2)
        gain = ops.minimum(ratio * advantage, clipped * advantage)
        return 0.5 * ops.square(y_pred[:, -1] - y_true[:, 2]) - gain


class HuberOfActions(keras.losses.Loss):
    """Keras' Huber loss of the values of the actions that were taken."""

    def call(self, y_true, y_pred):
        actions = ops.cast(y_true[:, :1], "int32")
        value = ops.take_along_axis(y_pred, actions, axis=-1)
        return keras.losses.huber(y_true[:, 1:], value)


_TOKENS = _RNG.integers(-1, 50, size=(32, 64)).astype("int32")
_SAMPLED = np.broadcast_to([1] + [0] * 5, (1024, 6)).astype("int32")
_PATHS = _RNG.integers(-1, 2, size=(1024, 20)).astype("int32")
_CLASSES = _RNG.integers(0, 10, size=1024).astype("int32")
_ACTIONS = _RNG.integers(0, 6, size=(1024, 1)).astype("float32")
_LATENTS = (_logits(128, 32), _logits(128, 32))
_EXPERIENCE = np.hstack([_ACTIONS, _logits(1024, 2), np.full((1024, 1), -1.8)])

CASES = [
    LossCase("MeanSquaredError", _logits(*_PIXELS), _logits(*_PIXELS)),
    LossCase("MeanAbsoluteError", _logits(*_PIXELS), _logits(*_PIXELS)),
    LossCase("BinaryCrossentropy", _probabilities(*_PIXELS), _probabilities(*_PIXELS)),
    LossCase(
        "BinaryCrossentropy",
        _probabilities(*_PIXELS),
        _logits(*_PIXELS),
        {"from_logits": True},
    ),
    *_categorical(128, 10, True),
    *_categorical(128, 10, False),
    *_categorical(64, 1000, True),
    *_categorical(64, 1000, False),
    *_categorical(32 * 50, 5000, True),
    LossCase("Huber", _logits(*_PIXELS), _logits(*_PIXELS)),
    LossCase("Hinge", _signs(*_PIXELS), _logits(*_PIXELS)),
    LossCase("SquaredHinge", _signs(*_PIXELS), _logits(*_PIXELS)),
    LossCase("CategoricalHinge", np.eye(1000)[:64], _logits(64, 1000)),
    LossCase("KLDivergence", _shares(*_PIXELS), _shares(*_PIXELS)),
    LossCase(
        "TokenCrossentropy",
        _TOKENS,
        _logits(32, 64, 50),
        peer=SparseCrossentropyOfTokens,
    ),
    LossCase(
        "MaskedBinaryCrossentropy",
        _SAMPLED,
        _logits(1024, 6),
        peer=SummedBinaryCrossentropy,
    ),
    LossCase(
        "MaskedBinaryCrossentropy",
        _PATHS,
        _logits(1024, 20),
        peer=SummedBinaryCrossentropy,
    ),
    LossCase(
        "EvidenceLowerBound",
        _probabilities(*_PIXELS),
        _logits(128, 784 + 2 * 32),
        peer=ReconstructionAndDivergence,
    ),
    FunctionCase("gaussian_kl", _LATENTS, kind="losses", peer=divergence_by_formula),
    FunctionCase(
        "negative_evidence_lower_bound",
        (_probabilities(*_PIXELS), _logits(*_PIXELS), *_LATENTS),
        kind="losses",
        peer=entropy_and_divergence,
    ),
    LossCase(
        "PerceptronCriterion",
        _signs(*_PIXELS),
        _logits(*_PIXELS),
        peer=RectifiedSigns,
    ),
    LossCase(
        "SparsePerceptronCriterion",
        _CLASSES,
        _logits(1024, 10),
        peer=RectifiedScores,
    ),
    LossCase(
        "AdversarialLoss",
        np.zeros(1024, "int32"),
        _logits(1024, 4),
        peer=TwoCrossentropies,
    ),
    LossCase(
        "ContrastiveLoss",
        np.zeros(256, "int32"),
        _logits(256, 2 * 64),
        peer=CrossentropyOfViews,
    ),
    LossCase(
        "OutputLoss", np.zeros(1024, "int32"), _logits(1024, 3), peer=SumOfOutputs
    ),
    LossCase(
        "TemporalDifferenceLoss",
        np.hstack([_ACTIONS, _logits(1024, 1)]),
        _logits(1024, 6),
        peer=HuberOfActions,
    ),
    LossCase(
        "PolicyGradientLoss", _EXPERIENCE, _logits(1024, 7), peer=PolicyByCrossentropy
    ),
    LossCase(
        "ClippedSurrogateLoss",
        _EXPERIENCE,
        _logits(1024, 7),
        peer=SurrogateByCrossentropy,
    ),
]
