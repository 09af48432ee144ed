"""Assumptions of learning rules about the data; a run warns where they do not hold."""

from collections.abc import Callable, Iterator

import numpy as np

from zoo.datasets import Dataset
from zoo.registry import Recipe

MOST_NUMBERS = 200_000  # features times samples that the linear program gets


def broken(recipe: Recipe, data: Dataset) -> Iterator[str]:
    """Yields a sentence for each assumption of the recipe's rule that does not hold."""
    check = _CHECKS.get(recipe.optimizer[0])
    if check is not None:
        yield from check(data)


def _separable(data: Dataset) -> Iterator[str]:
    """The perceptron rule converges only if the classes are linearly separable."""
    x = data.train.x.reshape(len(data.train.x), -1)
    # If some of the samples are not separable, all of them are not.
    x = x[: MOST_NUMBERS // x.shape[1]]
    y = data.train.y[: len(x)]
    # A hyperplane that separates one of two classes also separates the other.
    classes = range(1) if data.num_classes == 2 else range(data.num_classes)
    mixed = [data.labels[k] for k in classes if not is_separable(x, y == k)]
    if mixed:
        yield (
            f"Dataset {data.name!r} is not linearly separable: no hyperplane separates "
            f"{', '.join(mixed)} from the rest, so the perceptron rule does not "
            "converge."
        )


def is_separable(x: np.ndarray, positive: np.ndarray) -> bool:
    """Decides by a linear program whether a hyperplane separates two sets of points.

    One does if the following is feasible:

    .. math::

        y_i (w \\cdot x_i + b) \\ge 1 \\quad \\text{for all } i

    with :math:`y_i = 1` in the positive set and :math:`-1` in the other.

    Args:
        x: Points, shape `(samples, features)`.
        positive: Whether a point is in the positive set, shape `(samples,)`.

    Example:

    >>> corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> is_separable(corners, np.array([False, True, True, False]))
    False
    >>> is_separable(corners, np.array([False, False, False, True]))
    True

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
    return result.status != infeasible


_CHECKS: dict[str, Callable[[Dataset], Iterator[str]]] = {"PerceptronRule": _separable}
