"""Whether the probabilities of a classifier are as often right as they say."""

from typing import Any

import numpy as np

BINS = 15


def calibration(probabilities: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    r"""Returns calibration error, reliability curve, log loss and Brier score.

    The samples are binned by their confidence, the largest probability, in 15 bins of
    equal width:

    .. math::

        \mathrm{ECE} = \sum_b \frac{n_b}{n}
        \left|\mathrm{acc}_b - \mathrm{conf}_b\right|, \quad
        \mathrm{Brier} = \frac{1}{n} \sum_i \sum_c (p_{ic} - [y_i = c])^2

    Args:
        probabilities: Of shape `(samples, classes)`.
        truth: Class ids, of shape `(samples,)`.

    Returns:
        `error` (the expected calibration error), `bins` (their number), `curve`
        (`confidence` and `accuracy`, the means of each bin that is not empty, and its
        `samples`), `log_loss` in nats, and `brier`, from 0 to 2.

    Reference:
        Guo et al., 2017, On calibration of modern neural networks; Brier, 1950,
        Verification of forecasts expressed in terms of probability.

    Example:

    >>> found = calibration(np.array([[0.8, 0.2]] * 10), np.array([0] * 6 + [1] * 4))
    >>> round(found["error"], 4), len(found["curve"])
    (0.2, 1)
    """
    confidence = probabilities.max(axis=-1)
    correct = probabilities.argmax(axis=-1) == truth
    # Bins are open below and closed above, as in the paper.
    place = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    curve = [
        {
            "confidence": float(confidence[place == b].mean()),
            "accuracy": float(correct[place == b].mean()),
            "samples": int((place == b).sum()),
        }
        for b in np.unique(place)
    ]
    gaps = [p["samples"] * abs(p["accuracy"] - p["confidence"]) for p in curve]
    of_truth = probabilities[np.arange(len(truth)), truth]
    squares = (probabilities**2).sum(axis=-1) - 2 * of_truth + 1
    return {
        "error": float(sum(gaps) / len(truth)),
        "bins": BINS,
        "curve": curve,
        "log_loss": float(-np.log(np.maximum(of_truth, 1e-300)).mean()),
        "brier": float(squares.mean()),
    }
