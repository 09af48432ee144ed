"""How much better an action was than the value of its state said."""

import numpy as np


def generalized_advantages(
    rewards: np.ndarray,
    values: np.ndarray,
    following: np.ndarray,
    terminated: np.ndarray,
    truncated: np.ndarray,
    *,
    discount: float,
    trace_decay: float,
) -> np.ndarray:
    r"""Generalized advantage estimation.

    .. math::

        \delta_t &= r_t + \gamma V(s_{t+1}) - V(s_t) \\
        A_t &= \delta_t + \gamma \lambda A_{t+1}
            = \sum_{k \ge 0} (\gamma \lambda)^k \delta_{t+k}

    within an episode: :math:`V(s_{t+1})` is 0 behind its end, and the sum ends with it.
    With :math:`\lambda = 0` it is the error of one step, with :math:`\lambda = 1` the
    discounted return minus the value.

    Args:
        rewards: :math:`r_t`.
        values: :math:`V(s_t)`.
        following: :math:`V(s_{t+1})`, of the state that the step led to.
        terminated: Whether an episode has ended with the step.
        truncated: Whether it was cut off there.
        discount: :math:`\gamma`.
        trace_decay: :math:`\lambda`.

    Shapes:
        All of `(steps, copies)`.

    Example:

    >>> ones, no = np.ones((3, 1)), np.zeros((3, 1), bool)
    >>> end = np.array([[False], [False], [True]])
    >>> generalized_advantages(
    ...     ones, 0 * ones, 0 * ones, end, no, discount=0.5, trace_decay=1.0
    ... ).ravel().tolist()
    [1.75, 1.5, 1.0]

    Reference:
        Schulman, Moritz, Levine, Jordan and Abbeel, 2016, High-dimensional continuous
        control using generalized advantage estimation.
    """
    errors = rewards + discount * following * ~terminated - values
    goes_on = ~(terminated | truncated)
    advantages = np.zeros_like(errors)
    later = np.zeros_like(errors[0])
    for t in reversed(range(len(errors))):
        later = errors[t] + discount * trace_decay * goes_on[t] * later
        advantages[t] = later
    return advantages
