"""Integrated gradients (Sundararajan, Taly and Yan, 2017)."""

import numpy as np

from zoo.inference.explanations.explanation import Explanation
from zoo.inference.explanations.model_case import ModelCase

TITLE = "Integrated gradients"
READING = (
    "What each part contributes to the difference between the output for the sample "
    "and for the baseline, a sample of nothing: red speaks for the output and blue "
    "against it, and all contributions add up to the difference, but for the "
    "completeness error."
)
ORDER = 40
NEEDS_MODEL = True
SUBJECTS = "models"
STEPS = 64  # to begin with
MOST_STEPS = 1024
ERROR = 0.01  # of completeness, above which steps are doubled


def explain(case: ModelCase) -> Explanation:
    r"""Integrates gradients on the line from a baseline to the sample.

    .. math::

        c_i = (x_i - x'_i) \int_0^1
            \frac{\partial f}{\partial x_i} \big(x' + \alpha (x - x')\big) \, d\alpha,
        \quad \sum_i c_i = f(x) - f(x')

    by the midpoint rule of 64 steps, doubled up to 1,024 while the completeness error

    .. math::

        \frac{|\sum_i c_i - (f(x) - f(x'))|}{|f(x) - f(x')|}

    is above 1 %. It is among the figures, with the number of steps.
    """
    values, baseline = case.values, np.array(case.baseline)
    at_baseline, at_sample = case.scores_of(np.concatenate([baseline, values]))
    difference = float(at_sample - at_baseline)
    steps = STEPS
    while True:
        products = _integral(case, values, baseline, steps)
        error = abs(float(products.sum(dtype="float64")) - difference)
        error /= max(abs(difference), 1e-12)
        if error <= ERROR or steps >= MOST_STEPS:
            break
        steps *= 2
    figures = {
        "steps": float(steps),
        "completeness_error": error,
        "at_sample": float(at_sample),
        "at_baseline": float(at_baseline),
    }
    return Explanation(case.contribution(products), is_signed=True, figures=figures)


def _integral(
    case: ModelCase, values: np.ndarray, baseline: np.ndarray, steps: int
) -> np.ndarray:
    total = np.zeros(values.shape[1:], "float64")
    for part in np.split((np.arange(steps) + 0.5) / steps, steps // STEPS):
        way = part.reshape(-1, *[1] * (values.ndim - 1))
        gradients = case.gradients(baseline + way * (values - baseline))
        total += gradients.sum(axis=0, dtype="float64")
    return total / steps * (values - baseline)[0]
