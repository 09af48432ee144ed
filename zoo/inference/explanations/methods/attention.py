"""Attention of a captioner to the regions of a picture (Xu et al., 2015)."""

import numpy as np

from custom_layers import AttentionDecoder
from zoo.inference.explanations.explanation import Explanation
from zoo.inference.explanations.model_case import ModelCase
from zoo.reports.pictures.caption_attention import attention, by_pixel

TITLE = "Attention"
READING = (
    "The weight that the decoder gives to each region of the picture while it writes "
    "the word, bright where it is large: where the model takes its features from, "
    "which need not be what made it choose the word."
)
ORDER = 57
NEEDS_MODEL = True
SUBJECTS = "captioners"


def explain(case: ModelCase) -> Explanation | None:
    r"""Returns the attention weights of the explained word, of each pixel's region.

    .. math::

        \alpha = \mathrm{softmax}(e), \quad \sum_i \alpha_i = 1
    """
    decoders = [x for x in case.model.layers if isinstance(x, AttentionDecoder)]
    if case.takes.task != "captioning" or len(decoders) != 1:
        return None
    _, weights = attention(case.model, decoders[0], np.asarray(case.sample))
    place = int(case.target.name.partition(":")[0]) - 1
    return Explanation(by_pixel(weights[0, place], case.sample.shape[1:]))
