"""Centres of data."""

import numpy as np

__all__ = ["kmeans"]

_ROUNDS = 100


def kmeans(points: np.ndarray, count: int, seed: int | None) -> np.ndarray:
    """Finds centres `(count, features)` that the points are close to.

    Each round gives a point to its nearest centre and moves a centre to the mean
    of its points, until nothing moves.

    Args:
        points: Data `(samples, features)`.
        count: Number of centres, at most that of distinct points.
        seed: Integer that makes the choice of the first centres repeatable.

    Reference:
        Lloyd, 1982, Least squares quantization in PCM; Arthur and Vassilvitskii,
        2007, k-means++: the advantages of careful seeding.
    """
    # Distances do not change with the origin, but their rounding does.
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
        # A centre without points takes the one that is served worst.
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
    """Draws points far from each other, each by its squared distance."""
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
