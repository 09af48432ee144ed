"""Whether classes are linearly separable."""

import numpy as np


def is_separable(x: np.ndarray, positive: np.ndarray) -> bool:
    r"""Decides by a linear program whether a hyperplane separates two sets of points.

    One does if the following is feasible:

    .. math::

        y_i (w \cdot x_i + b) \ge 1 \quad \text{for all } i

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
