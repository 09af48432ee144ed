"""Grad-CAM (Selvaraju et al., 2017)."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from zoo.inference.explanations.differentiation import value_and_gradient
from zoo.inference.explanations.explanation import Explanation
from zoo.inference.explanations.geometry import centres, outputs_in
from zoo.inference.explanations.interception import numpy, recorded
from zoo.inference.explanations.model_case import ModelCase
from zoo.inference.explanations.target import OF_MODELS

TITLE = "Grad-CAM"
READING = (
    "Where the feature maps of the last convolution that speak for the output are "
    "active, each cell of the map at the centre of its receptive field and the places "
    "between them interpolated: bright parts speak for the output, as coarsely as the "
    "map is."
)
ORDER = 50
NEEDS_MODEL = True
SUBJECTS = "models with convolutions that answer with one vector for a sample"


def explain(case: ModelCase) -> Explanation | None:
    r"""Weighs the feature maps of the last layer as large as the last convolution.

    .. math::

        L = \mathrm{relu} \Big( \sum_k \alpha_k A^k \Big), \quad
        \alpha_k = \frac{1}{|p|} \sum_p \frac{\partial f}{\partial A^k_p}

    The value of a cell :math:`p` stands at the centre of its receptive field, which
    begins at an offset where convolutions are valid; see `geometry`.
    """
    return of_last_map(case, lambda g: g.mean(axis=tuple(range(g.ndim - 1))))


def of_last_map(
    case: ModelCase, weigh: Callable[[np.ndarray], np.ndarray]
) -> Explanation | None:
    """Returns weighted feature maps, laid over the sample; None without any.

    Args:
        case: The sample.
        weigh: Returns the weights of feature maps, by their gradient of shape
            `(..., channels)`.
    """
    layer = None if case.takes.task in OF_MODELS else last_map(case)
    if layer is None:
        return None
    with recorded(layer) as outputs:
        case.model(case.sample, training=False)
    maps = numpy(outputs[layer.name][0])
    _, gradient = value_and_gradient(lambda a: case.score_at(layer, a), maps)
    heat = np.maximum((weigh(gradient[0]) * maps[0]).sum(axis=-1), 0)
    axes = centres(case.model, layer, case.entry)
    found = placed(heat, axes, case.values.shape[1 : 1 + heat.ndim])
    if case.takes.takes_text:
        found = found[: len(case.names)]
    return Explanation(found, figures={"cells": float(heat.size)})


def last_map(case: ModelCase) -> Any:
    """Returns the last layer as large as the last convolution; None without any."""
    axes = 2 if case.kind in ("pictures", "sounds") else 1
    tensors = outputs_in(case.model)
    layers = [
        layer
        for layer in case.model._flatten_layers(include_self=False)
        if layer in tensors
        and not isinstance(layer, keras.Model)
        and len(tensors[layer].shape) == axes + 2
    ]
    places = [i for i, layer in enumerate(layers) if "Conv" in type(layer).__name__]
    if not places:
        return None
    sizes = [tensors[layer].shape[1:-1] for layer in layers]
    last = places[-1]
    while last + 1 < len(layers) and sizes[last + 1] == sizes[places[-1]]:
        last += 1
    return layers[last]


def placed(
    heat: np.ndarray, axes: list[tuple[float, float]], sizes: tuple[int, ...]
) -> np.ndarray:
    """Interpolates the cells of a map linearly between where they stand.

    Args:
        heat: One value for each cell.
        axes: Of each axis, where the first cell stands and how far the next one is.
        sizes: Of the sample; beyond the outermost cells their values go on.

    >>> placed(np.array([0.0, 1.0]), [(1.0, 2.0)], (5,)).tolist()
    [0.0, 0.0, 0.5, 1.0, 1.0]
    """
    for axis, ((start, step), size) in enumerate(zip(axes, sizes, strict=True)):
        cells = start + step * np.arange(heat.shape[axis])
        places = np.arange(size)
        heat = np.apply_along_axis(
            lambda line, c=cells, p=places: np.interp(p, c, line), axis, heat
        )
    return heat
