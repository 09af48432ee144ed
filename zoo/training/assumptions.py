"""What a learning rule assumes of the data, and what a run says where it is not so."""

from collections.abc import Callable, Iterator

import numpy as np

from zoo.datasets import Dataset
from zoo.registry import Recipe

MOST_NUMBERS = 200_000  # that separability is decided by


def broken(recipe: Recipe, data: Dataset) -> Iterator[str]:
    """Tells in a sentence each what the rule of a recipe assumes in vain."""
    check = _CHECKS.get(recipe.optimizer[0])
    if check is not None:
        yield from check(data)


def _separable(data: Dataset) -> Iterator[str]:
    """The perceptron rule comes to an end if hyperplanes part the classes."""
    x = data.train.x.reshape(len(data.train.x), -1)
    # If hyperplanes do not part some of the samples, they do not part all of them.
    x = x[: MOST_NUMBERS // x.shape[1]]
    y = data.train.y[: len(x)]
    # What parts the first of two classes from the rest parts the second as well.
    classes = range(1) if data.num_classes == 2 else range(data.num_classes)
    mixed = [data.labels[k] for k in classes if cannot_be_parted(x, y == k)]
    if mixed:
        yield (
            f"Dataset {data.name!r} is not linearly separable: no hyperplane parts "
            f"{', '.join(mixed)} from the rest, so the perceptron rule never stops "
            "making mistakes."
        )


def cannot_be_parted(x: np.ndarray, positive: np.ndarray) -> bool:
    """Decides by a linear program whether no hyperplane parts two sets of points.

    One does if there are `w` and `b` with `y_i (w x_i + b) >= 1` for all points, where
    `y_i` is 1 in the one set and -1 in the other.

    Args:
        x: Points `(samples, features)`.
        positive: Whether a point is in the first set, `(samples,)`.

    Example:

    >>> corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> cannot_be_parted(corners, np.array([False, True, True, False]))
    True
    >>> cannot_be_parted(corners, np.array([False, False, False, True]))
    False

    Reference:
        Minsky and Papert, 1969, Perceptrons; Mangasarian, 1965, Linear and nonlinear
        separation of patterns by linear programming.
    """
    from scipy.optimize import linprog

    infeasible = 2
    x = x - x.mean(axis=0)
    x = x / max(np.abs(x).max(), np.finfo("float64").tiny)
    y = np.where(positive, 1.0, -1.0)[:, None]
    result = linprog(
        np.zeros(x.shape[1] + 1),
        A_ub=-y * np.concatenate([x, np.ones_like(y)], axis=1),
        b_ub=-np.ones(len(y)),
        bounds=(None, None),
    )
    return result.status == infeasible


_CHECKS: dict[str, Callable[[Dataset], Iterator[str]]] = {"PerceptronRule": _separable}
