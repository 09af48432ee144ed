"""K-means clustering."""

import numpy as np

__all__ = ["kmeans"]

_ROUNDS = 100


def kmeans(points: np.ndarray, count: int, seed: int | None) -> np.ndarray:
    """Returns the centroids `(count, features)` of Lloyd's algorithm.

    Each iteration assigns a point to its nearest centroid and moves a centroid to
    the mean of its points, until convergence.

    Args:
        points: Data `(samples, features)`.
        count: Number of centroids, at most that of distinct points.
        seed: Integer seed of the k-means++ initialization.

    Reference:
        Lloyd, 1982, Least squares quantization in PCM; Arthur and Vassilvitskii,
        2007, k-means++: the advantages of careful seeding.
    """
    # Centred data: distances stay, and their rounding errors are smaller.
    origin = points.mean(axis=0)
    points = points - origin
    centres = _first_centres(points, count, np.random.default_rng(seed))
    for _ in range(_ROUNDS):
        distance = _squared_distances(points, centres)
        owner = distance.argmin(axis=1)
        members = np.bincount(owner, minlength=count)
        sums = np.zeros_like(centres)
        np.add.at(sums, owner, points)
        moved = sums / np.maximum(members, 1)[:, None]
        # An empty cluster takes the point farthest from its centroid.
        for empty in np.flatnonzero(members == 0):
            worst = distance.min(axis=1).argmax()
            moved[empty] = points[worst]
            distance[worst] = 0
        if np.array_equal(moved, centres):
            break
        centres = moved
    return centres + origin


def _first_centres(
    points: np.ndarray, count: int, rng: np.random.Generator
) -> np.ndarray:
    """K-means++: draws points in proportion to their squared distance."""
    centres = points[rng.integers(len(points))][None]
    nearest = np.sum((points - centres) ** 2, axis=1)
    while len(centres) < count:
        total = nearest.sum()
        if total == 0:
            raise ValueError(
                f"{count} centres need as many distinct points. Received: "
                f"{len(centres)} distinct points"
            )
        chosen = points[rng.choice(len(points), p=nearest / total)][None]
        centres = np.concatenate([centres, chosen])
        nearest = np.minimum(nearest, np.sum((points - chosen) ** 2, axis=1))
    return centres


def _squared_distances(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    squares = np.sum(points**2, axis=1)[:, None] + np.sum(centres**2, axis=1)
    return np.maximum(squares - 2 * points @ centres.T, 0)
