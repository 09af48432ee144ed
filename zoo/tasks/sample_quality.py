r"""How good generated samples are: fidelity, diversity, and whether they are copies.

No figure says all: noise has a large Frechet distance, but a model that knows a few
training samples by heart a small one. So each is published beside three anchors that
need no model: other real samples, noise, and a hundred training samples repeated.
"""

from collections.abc import Callable

import numpy as np

from zoo.datasets import Dataset
from zoo.tasks.features import features_for

MOST = 10_000  # samples that are compared
_NEAREST = 5  # neighbours that span the ball around a real sample
_MEMORISED = 100  # training samples that the anchor repeats
_ROWS = 1_000  # distances of so many samples at once


def distance(
    generated: np.ndarray, real: np.ndarray, data: Dataset
) -> dict[str, float]:
    """Returns the `frechet_distance` between generated and real samples.

    Args:
        generated: Samples of values between 0 and 1.
        real: Raw samples.
        data: Prepared; its training split gives the scale, and the features.
    """
    features = features_for(data)
    raw = generated * data.train.x.max()
    return {"frechet_distance": frechet_distance(features(raw), features(real))}


def quality(
    generated: np.ndarray, data: Dataset, class_ids: np.ndarray | None
) -> dict[str, float]:
    """Compares generated samples with the test split, beside the anchors.

    - `frechet_distance` and `coverage`, see the functions of these names.
    - `smallest_class_share`: the share of the rarest class among the samples, each
      counted as the class of the nearest training sample.
    - `class_accuracy` of samples that were generated for a class, counted likewise.
    - `novelty`: the median distance of a sample to the nearest training sample, over
      that of a test sample: 0 for copies.
    - the first two with the prefix `real_` of training samples, `noise_` of noise, and
      `memorised_` of a hundred training samples, each repeated.

    Args:
        generated: Samples of values between 0 and 1, at most as many as test samples.
        data: Prepared for the task.
        class_ids: Class that each was generated for, where there is one.
    """
    features = features_for(data)
    maximum = data.train.x.max()
    count = len(generated)
    generator = np.random.default_rng(1)
    chosen = generator.choice(len(data.train.x), min(count, len(data.train.x)), False)
    few = np.resize(chosen[:_MEMORISED], count)
    noise = generator.uniform(0, maximum, (count, *data.input_shape)).astype("float32")
    real = features(data.test.x[:count])
    made = features(generated * maximum)
    found = _two(made, real)
    training = features(data.train.x)
    nearest, distances = _nearest(made, training)
    _, usual = _nearest(real, training)
    found["novelty"] = float(np.median(distances) / np.median(usual))
    if data.labels:
        classes = data.train.y[nearest]
        shares = np.bincount(classes, minlength=data.num_classes) / count
        found["smallest_class_share"] = float(shares.min())
        if class_ids is not None:
            found["class_accuracy"] = float(np.mean(classes == class_ids))
    anchors = {
        "real": training[chosen],
        "noise": features(noise),
        "memorised": training[few],
    }
    for name, vectors in anchors.items():
        found |= {f"{name}_{k}": v for k, v in _two(vectors, real).items()}
    return found


def _two(made: np.ndarray, real: np.ndarray) -> dict[str, float]:
    return {
        "frechet_distance": frechet_distance(made, real),
        "coverage": coverage(made, real),
    }


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    r"""Frechet distance between normal distributions fitted to two sets of features.

    .. math::

        d^2 = \lVert \mu_a - \mu_b \rVert^2
            + \mathrm{tr}\left(\Sigma_a + \Sigma_b - 2 (\Sigma_a \Sigma_b)^{1/2}\right)

    Args:
        a: Features of shape (samples, features).
        b: Features of as many columns.

    Reference:
        Heusel et al., 2017, GANs trained by a two time-scale update rule converge to a
        local Nash equilibrium.

    Example:

    >>> a = np.random.default_rng(0).normal(size=(1000, 3))
    >>> round(frechet_distance(a, a + 2), 6), round(frechet_distance(a, a), 6)
    (12.0, 0.0)
    """
    a, b = np.asarray(a, "float64"), np.asarray(b, "float64")
    first, second = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    # The trace of the root is the sum of the roots of the eigenvalues, which are those
    # of a positive semi-definite matrix, but for rounding.
    eigenvalues = np.linalg.eigvals(np.atleast_2d(first) @ np.atleast_2d(second))
    root = np.sqrt(np.maximum(eigenvalues.real, 0)).sum()
    means = np.square(a.mean(axis=0) - b.mean(axis=0)).sum()
    squared = means + np.trace(np.atleast_2d(first + second)) - 2 * root
    return max(0.0, float(squared))  # but for rounding


def coverage(made: np.ndarray, real: np.ndarray, nearest: int = _NEAREST) -> float:
    """Fraction of the real samples near which there is a generated one.

    Near is within the distance of the fifth nearest other real sample; of the farthest
    one, where there are fewer.

    Args:
        made: Features of generated samples.
        real: Features of as many real ones.
        nearest: Which neighbour gives the radius.

    Reference:
        Naeem et al., 2020, Reliable fidelity and diversity metrics for generative
        models.

    Example:

    >>> real = np.arange(10.0).reshape(-1, 1)
    >>> coverage(real[:1], real, nearest=1), coverage(real, real, nearest=1)
    (0.2, 1.0)
    """
    kth = min(nearest, len(real) - 1)
    radii = _by_rows(real, real, lambda d: np.partition(d, kth, axis=1)[:, kth])
    _, closest = _nearest(real, made)
    # Rounding must not exclude a sample at the very radius.
    return float(np.mean(closest <= radii * (1 + 1e-5)))


def _nearest(of: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Index of the nearest neighbour of each vector, and the distance to it."""
    index = _by_rows(of, among, lambda distances: distances.argmin(axis=1))
    return index, np.linalg.norm(of - among[index], axis=1)


def _by_rows(
    of: np.ndarray, among: np.ndarray, choose: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Applies a function to the distances of all pairs, some rows at a time."""
    squares = np.square(among).sum(axis=1)
    parts = []
    for start in range(0, len(of), _ROWS):
        rows = of[start : start + _ROWS]
        squared = np.square(rows).sum(axis=1)[:, np.newaxis] + squares
        squared -= 2 * rows @ among.T
        parts.append(choose(np.sqrt(np.maximum(squared, 0))))
    return np.concatenate(parts)
