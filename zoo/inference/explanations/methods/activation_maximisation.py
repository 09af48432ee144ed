"""Activation maximisation (Erhan, Bengio, Courville and Vincent, 2009)."""

import numpy as np
from scipy.ndimage import gaussian_filter

from zoo.inference.explanations.explanation import Explanation
from zoo.inference.explanations.model_case import ModelCase

TITLE = "Activation maximisation"
READING = (
    "A picture that gradient ascent made for the output, from grey: what the model "
    "takes for the purest sample of it, which often looks like nothing of the kind, "
    "and so says what the model does not know."
)
ORDER = 70
NEEDS_MODEL = True
SUBJECTS = "models that find something in pictures"
STEPS = 96
RATE = 0.05  # of the range of the pixels, in the first step
BLUR = 0.6  # pixels, of the standard deviation
EVERY = 4  # steps from one blur to the next


def explain(case: ModelCase) -> Explanation | None:
    r"""Ascends from a grey picture, and stays within the range of the pixels.

    .. math::

        x \leftarrow \operatorname{clip} \Big(
            x + \eta \, \frac{\nabla f(x)}{\max |\nabla f(x)|} \Big)

    The rate falls to zero, and a blur every fourth step keeps the picture smooth, as in
    Yosinski et al. (2015).
    """
    if case.kind != "pictures" or case.takes.task == "reconstruction":
        return None
    largest = _largest(case)
    x = np.full_like(case.values, largest / 2)
    for step in range(STEPS):
        gradient = case.gradients(x)
        size = float(np.abs(gradient).max()) or 1.0
        x = x + RATE * (1 - step / STEPS) * largest * gradient / size
        if step % EVERY == 0 and step < STEPS - EVERY:
            x = gaussian_filter(x, (0, BLUR, BLUR, 0))
        x = np.clip(x, 0, largest)
    reached, at_sample = case.scores_of(np.concatenate([x, case.values]))
    figures = {"reached": float(reached), "at_sample": float(at_sample)}
    return Explanation(figures=figures, images={"picture": x / largest})


def _largest(case: ModelCase) -> float:
    pixels = case.takes.pixels
    return pixels.largest if pixels else max(1.0, float(case.values.max()))
