"""Filters of the first layer."""

import numpy as np

from zoo.inference.explanations.explanation import Explanation
from zoo.inference.explanations.model_case import ModelCase
from zoo.reports.pictures import filters as of_reports

TITLE = of_reports.TITLE
READING = of_reports.READING
ORDER = 80
NEEDS_MODEL = True
SUBJECTS = "models of pictures whose first layer is dense or a convolution"


def explain(case: ModelCase) -> Explanation | None:
    """Returns the first kernel, if its filters have the shape of pictures."""
    shape = case.values.shape[1:]
    if case.kind != "pictures" or shape[-1] not in (1, 3):
        return None
    kernels = of_reports.filters(case.model, shape)
    if kernels is None:
        return None
    shown = np.asarray(kernels[: of_reports.SHOWN])
    return Explanation(
        figures={"count": float(len(kernels))}, images={"filters": shown}
    )
