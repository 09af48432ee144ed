"""The gradient of the output (Simonyan, Vedaldi and Zisserman, 2014)."""

from zoo.inference.explanations.explanation import Explanation
from zoo.inference.explanations.model_case import ModelCase

TITLE = "Gradient"
READING = (
    "How strongly a small change of each part of the sample would change the output: "
    "bright where it would change it much, whatever its sign, which says what the "
    "model is sensitive to here, not what made up its answer."
)
ORDER = 10
NEEDS_MODEL = True
SUBJECTS = "models"


def explain(case: ModelCase) -> Explanation:
    r"""Computes the length of the gradient of each unit.

    .. math::

        s_u = \Big\| \frac{\partial f}{\partial x_u} (x) \Big\|
    """
    (gradient,) = case.gradients(case.values)
    return Explanation(case.sensitivity(gradient))
