"""Scores of words in double precision."""

import numpy as np


def negative_sampling(x, words, kernel, shares, aliases):
    # The number of negative samples is not among the arguments.
    negatives = 4 if x.ndim == 2 else 1
    scores = np.empty((*words.shape, 1 + negatives))
    place = 0
    for index in np.ndindex(words.shape):
        chosen = [words[index]]
        for _ in range(negatives):
            across, up = (
                (place * stride % 2**15 + 0.5) / 2**15 for stride in (24737, 18673)
            )
            first = int(across * len(kernel))
            chosen.append(first if up < shares[first] else int(aliases[first]))
            place += 1
        scores[index] = kernel[chosen] @ x[index]
    return scores


def hierarchical_softmax(x, words, kernel, points):
    scores = np.empty((*words.shape, points.shape[1]))
    for index in np.ndindex(words.shape):
        for j, node in enumerate(points[words[index]].astype(int)):
            scores[index][j] = x[index] @ kernel[node]
    return scores
