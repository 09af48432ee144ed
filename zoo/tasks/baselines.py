"""What a model has to be better than: the answers of who has learned nothing."""

import dataclasses

import numpy as np

from zoo.datasets import Dataset


@dataclasses.dataclass(frozen=True)
class Baseline:
    """The simplest method for a task, measured on the test split.

    Args:
        metric: Which metric of the task it is measured by.
        value: Its value.
        method: What it does, as in `always "benign", the commonest class`.
    """

    metric: str
    value: float
    method: str


def commonest_class(data: Dataset) -> Baseline:
    """Always answers the commonest class of the training split."""
    common = int(np.bincount(data.train.y, minlength=data.num_classes).argmax())
    share = float(np.mean(data.test.y == common))
    method = f'always "{data.labels[common]}", the commonest class'
    return Baseline("accuracy", share, method)


def commonest_tag_of_each_token(data: Dataset) -> Baseline:
    """Answers the tag that each token has most often in the training split.

    A token that does not occur there gets the commonest tag of all.
    """
    x, y = data.train.x.ravel(), data.train.y.ravel()
    known = y >= 0
    tokens = 1 + max(int(data.train.x.max()), int(data.test.x.max()))
    pairs = x[known].astype("int64") * data.num_classes + y[known]
    counts = np.bincount(pairs, minlength=tokens * data.num_classes)
    counts = counts.reshape(tokens, data.num_classes)
    best = counts.argmax(axis=1)
    best[counts.sum(axis=1) == 0] = counts.sum(axis=0).argmax()
    x, y = data.test.x.ravel(), data.test.y.ravel()
    share = float(np.mean(best[x[y >= 0]] == y[y >= 0]))
    return Baseline("accuracy", share, "the commonest tag of each token")
