"""Gradient times input (Shrikumar, Greenside and Kundaje, 2017)."""

from zoo.inference.explanations.explanation import Explanation
from zoo.inference.explanations.model_case import ModelCase

TITLE = "Gradient x input"
READING = (
    "The gradient times the value of each part: red speaks for the output and blue "
    "against it, exactly so where the model is linear, and only near the sample where "
    "it is not."
)
ORDER = 20
NEEDS_MODEL = True
SUBJECTS = "models"


def explain(case: ModelCase) -> Explanation:
    r"""Computes the product with each value, summed over a unit.

    .. math::

        c_u = \sum_{i \in u} x_i \frac{\partial f}{\partial x_i} (x)

    Of a linear model :math:`f(x) = w x + b` it is :math:`w_i x_i`.
    """
    (gradient,) = case.gradients(case.values)
    return Explanation(case.contribution(gradient * case.values[0]), is_signed=True)
