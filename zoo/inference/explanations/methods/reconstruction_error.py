"""Where an autoencoder does not reconstruct a sample."""

import numpy as np

from zoo.inference.explanations.explanation import Explanation
from zoo.inference.explanations.interception import numpy
from zoo.inference.explanations.model_case import ModelCase

TITLE = "Reconstruction error"
READING = (
    "What each pixel adds to the mean squared error of the reconstruction, bright "
    "where the model does not give back what was there, so that these parts are unlike "
    "those that it was trained on."
)
ORDER = 5
NEEDS_MODEL = True
SUBJECTS = "autoencoders"


def explain(case: ModelCase) -> Explanation | None:
    r"""Computes the terms of the error of a reconstruction `r` with `n` values.

    .. math::

        c_i = \frac{1}{n} (r_i - x_i)^2, \quad \sum_i c_i = f(x)
    """
    if case.takes.task != "reconstruction":
        return None
    made = numpy(case.model(case.sample, training=False))[0]
    off = np.square(made - np.asarray(case.sample[0], "float32") / case.maximum)
    return Explanation(case.contribution(off / off.size))
