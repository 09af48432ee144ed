"""Averages of the predictions of an ensemble."""

import math
from collections.abc import Sequence

from keras import ops

from custom_layers._types import Tensor


def mean_probabilities(logits: Sequence[Tensor]) -> Tensor:
    r"""Logits of the mean of the probabilities.

    .. math::

        z = \log\Big(\frac{1}{n} \sum_i \operatorname{softmax}(z_i)\Big)

    Args:
        logits: Several `(batch, ..., classes)`.

    Example:

    >>> import numpy as np
    >>> sure, unsure = np.log([[0.9, 0.1]]), np.log([[0.5, 0.5]])
    >>> [[round(float(p), 3) for p in np.exp(mean_probabilities([sure, unsure]))[0]]]
    [[0.7, 0.3]]
    """
    log_probabilities = ops.stack([ops.log_softmax(each, axis=-1) for each in logits])
    return ops.logsumexp(log_probabilities, axis=0) - math.log(len(logits))


def mean_of_sigmoids(logits: Sequence[Tensor]) -> Tensor:
    r"""Logits of the mean of the probabilities of labels.

    .. math::

        z = \log \frac{\bar{p}}{1 - \bar{p}}, \qquad
        \bar{p} = \frac{1}{n} \sum_i \sigma(z_i)

    >>> import numpy as np
    >>> round(float(ops.sigmoid(mean_of_sigmoids([np.log(9.0), 0.0]))), 3)
    0.7
    """
    yes = ops.logsumexp(ops.stack([ops.log_sigmoid(each) for each in logits]), axis=0)
    no = ops.logsumexp(ops.stack([ops.log_sigmoid(-each) for each in logits]), axis=0)
    return yes - no


def mean(predictions: Sequence[Tensor]) -> Tensor:
    """Mean of real-valued predictions.

    >>> float(mean([1.0, 2.0]))
    1.5
    """
    return ops.mean(ops.stack(predictions), axis=0)
