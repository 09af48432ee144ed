"""HiResCAM (Draelos and Carin, 2020)."""

from zoo.inference.explanations.explanation import Explanation
from zoo.inference.explanations.methods.grad_cam import of_last_map
from zoo.inference.explanations.model_case import ModelCase

TITLE = "HiResCAM"
READING = (
    "As Grad-CAM, but each place of a feature map has the gradient of its own in the "
    "place of the mean: the two are the same where global pooling follows, and where a "
    "dense layer does, which tells places apart, this one shows what it looks at."
)
ORDER = 55
NEEDS_MODEL = True
SUBJECTS = "models with convolutions that answer with one vector for a sample"


def explain(case: ModelCase) -> Explanation | None:
    r"""Multiplies the feature maps of the last layer with their gradients.

    .. math::

        L_p = \mathrm{relu} \Big(
            \sum_k \frac{\partial f}{\partial A^k_p} A^k_p \Big)
    """
    return of_last_map(case, lambda gradient: gradient)
