"""SmoothGrad (Smilkov, Thorat, Kim, Viégas and Wattenberg, 2017)."""

import numpy as np

from zoo.inference.explanations.explanation import Explanation
from zoo.inference.explanations.model_case import ModelCase

TITLE = "SmoothGrad"
READING = (
    "The mean of the gradients of noisy copies of the sample, read as the gradient: "
    "what is bright by accident of a single point has averaged out."
)
ORDER = 30
NEEDS_MODEL = True
SUBJECTS = "models"
COPIES = 50
NOISE = 0.15  # of the range of the values


def explain(case: ModelCase) -> Explanation:
    r"""Averages the gradients of copies with noise.

    .. math::

        s_u = \Big\| \frac{1}{n} \sum_{k=1}^n \nabla_u f(x + \epsilon_k) \Big\|, \quad
        \epsilon_k \sim \mathcal{N} \big(0, (0.15 \, (\max x - \min x))^2 \big)

    with :math:`n = 50` and a fixed seed.
    """
    values = case.values
    generator = np.random.default_rng(0)
    deviation = NOISE * np.ptp(values)
    noise = generator.normal(0, deviation, (COPIES, *values.shape[1:]))
    gradients = case.gradients(values + noise)
    figures = {"copies": float(COPIES), "noise": float(deviation)}
    return Explanation(case.sensitivity(gradients.mean(axis=0)), figures=figures)
