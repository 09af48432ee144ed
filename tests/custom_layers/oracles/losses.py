"""Losses in double precision."""

import numpy as np

from .activations import sigmoid, softmax
from .objectives import negative_evidence_lower_bound

EPSILON = 1e-7


def mean_squared_error(y, p):
    return ((y - p) ** 2).mean(axis=-1)


def _clip(p):
    return np.clip(p, EPSILON, 1 - EPSILON)


def binary_crossentropy(y, p, from_logits=False, label_smoothing=0.0, axis=-1):
    p = sigmoid(p) if from_logits else _clip(p)
    y = y * (1 - label_smoothing) + label_smoothing / 2
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(axis=axis)


def categorical_crossentropy(y, p, from_logits=False, label_smoothing=0.0, axis=-1):
    p = softmax(p, axis) if from_logits else _clip(p / p.sum(axis=axis, keepdims=True))
    y = y * (1 - label_smoothing) + label_smoothing / y.shape[axis]
    return -(y * np.log(p)).sum(axis=axis)


def sparse_categorical_crossentropy(
    y, p, from_logits=False, ignore_class=None, axis=-1
):
    p = softmax(p) if from_logits else _clip(p / p.sum(axis=-1, keepdims=True))
    counted = y != ignore_class
    index = np.where(counted, y, 0).astype(int)
    chosen = np.take_along_axis(p, index[..., None], axis=-1)[..., 0]
    return np.where(counted, -np.log(chosen), 0)


def huber(y, p, delta=1.0):
    error = np.abs(y - p)
    line = delta * (error - delta / 2)
    return np.where(error <= delta, error**2 / 2, line).mean(axis=-1)


def mean_absolute_error(y, p):
    return np.abs(y - p).mean(axis=-1)


def _signs(y):
    return np.where(y == 0, -1, y) if np.isin(y, (0, 1)).all() else y


def hinge(y, p):
    return np.clip(1 - _signs(y) * p, 0, None).mean(axis=-1)


def squared_hinge(y, p):
    return (np.clip(1 - _signs(y) * p, 0, None) ** 2).mean(axis=-1)


def categorical_hinge(y, p):
    others = np.where(y == 1, 0, p).max(axis=-1)
    right = np.where(y == 1, p, 0).sum(axis=-1)
    return np.clip(1 + others - right, 0, None)


def kl_divergence(y, p):
    y, p = np.clip(y, EPSILON, 1), np.clip(p, EPSILON, 1)
    return (y * np.log(y) - y * np.log(p)).sum(axis=-1)


def perceptron_criterion(y, p):
    wrong = np.sign(p) != _signs(y)
    return np.where(wrong, np.abs(p), 0).mean(axis=-1)


def sparse_perceptron_criterion(y, p):
    signs = np.where(np.arange(p.shape[-1]) == y[..., None], 1, -1)
    return np.maximum(0, -signs * p).sum(axis=-1)


def masked_binary_crossentropy(y, p):
    probability = np.where(y == 1, sigmoid(p), 1 - sigmoid(p))
    return -np.log(np.where(y < 0, 1, probability)).sum(axis=-1)


def token_crossentropy(y, p, ignore_class=-1):
    totals = np.zeros(len(y))
    for i, t in np.argwhere(y != ignore_class):
        totals[i] -= np.log(softmax(p[i, t])[int(y[i, t])])
    return totals / y.shape[1]


def evidence_lower_bound_loss(x, p):
    latents = (p.shape[1] - x[0].size) // 2
    logits, mean, log_variance = np.split(p, [x[0].size, x[0].size + latents], axis=1)
    x = x.reshape(len(x), -1)
    return negative_evidence_lower_bound(x, logits, mean, log_variance)


def negative_sampling_loss(y, p):
    return -np.log(np.where(y == 1, sigmoid(p), 1 - sigmoid(p))).sum(axis=-1)


def hierarchical_softmax_loss(y, p):
    branch = np.where(y == 0, sigmoid(p), 1 - sigmoid(p))
    return -np.log(np.where(y == -1, 1, branch)).sum(axis=-1)


def temporal_difference_loss(y, q, delta=1.0):
    losses = []
    for (action, target), values in zip(y, q, strict=True):
        error = abs(target - values[int(action)])
        is_small = error <= delta
        losses.append(error**2 / 2 if is_small else delta * (error - delta / 2))
    return np.array(losses)


def _policy(y, p, objective, value_weight, entropy_weight):
    losses = []
    for (action, advantage, target, before), row in zip(y, p, strict=True):
        shares = np.exp(row[:-1]) / np.exp(row[:-1]).sum()
        value = value_weight * (row[-1] - target) ** 2
        entropy = -sum(share * np.log(share) for share in shares)
        gain = objective(shares[int(action)], advantage, np.exp(before))
        losses.append(value - gain - entropy_weight * entropy)
    return np.array(losses)


def policy_gradient_loss(y, p, value_weight=0.5, entropy_weight=0.0):
    def objective(share, advantage, _):
        return advantage * np.log(share)

    return _policy(y, p, objective, value_weight, entropy_weight)


def clipped_surrogate_loss(y, p, clip=0.2, value_weight=0.5, entropy_weight=0.0):
    def objective(share, advantage, before):
        ratio = share / before
        limit = 1 + clip if advantage > 0 else 1 - clip
        is_beyond = ratio > limit if advantage > 0 else ratio < limit
        return (limit if is_beyond else ratio) * advantage

    return _policy(y, p, objective, value_weight, entropy_weight)


_LOSSES_OF_REAL = {
    "least_squares": lambda s: (s - 1) ** 2 / 2,
    "wasserstein": lambda s: -s,
}
_LOSSES_OF_FAKE = {"least_squares": lambda s: s**2 / 2, "wasserstein": lambda s: s}
_LOSSES_OF_GENERATOR = {
    "minimax": lambda s: np.log(1 - sigmoid(s)),
    "least_squares": lambda s: (s - 1) ** 2 / 2,
    "wasserstein": lambda s: -s,
}


def adversarial_loss(y, scores, game="non_saturating", penalty_weight=10.0):
    classes = scores.shape[-1] - 3
    chosen = np.asarray(y, int) if classes > 1 else np.zeros(len(scores), int)
    real = scores[np.arange(len(scores)), chosen]
    fake, to_learn_from, penalty = scores[:, classes:].T
    of_real = _LOSSES_OF_REAL.get(game, lambda s: -np.log(sigmoid(s)))
    of_fake = _LOSSES_OF_FAKE.get(game, lambda s: -np.log(1 - sigmoid(s)))
    of_generator = _LOSSES_OF_GENERATOR.get(game, lambda s: -np.log(sigmoid(s)))
    losses = of_real(real) + of_fake(fake) + of_generator(to_learn_from)
    return losses + penalty_weight * penalty


def contrastive_loss(y, views, temperature=0.5):
    first, second = np.split(views, 2, axis=-1)
    vectors = np.concatenate([first, second])
    vectors = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    losses = []
    for i, vector in enumerate(vectors):
        others = [np.exp(vector @ u / temperature) for u in np.delete(vectors, i, 0)]
        partner = vectors[(i + len(first)) % len(vectors)]
        losses.append(-np.log(np.exp(vector @ partner / temperature) / sum(others)))
    return np.mean(np.split(np.array(losses), 2), axis=0)


def output_loss(y, losses):
    return losses.sum(axis=-1)
