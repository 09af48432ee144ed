"""Baselines for sentences, tags and characters."""

from collections import Counter, defaultdict

import numpy as np

from zoo.datasets import Dataset
from zoo.datasets.vocabulary import words


def sentences(data: Dataset) -> dict[str, float]:
    """Accuracy of the most frequent class, and of naive Bayes on words and bigrams.

    Reference:
        Wang and Manning, 2012, Baselines and bigrams: simple, good sentiment and topic
        classification.
    """
    from sklearn.dummy import DummyClassifier
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB

    counts = CountVectorizer(tokenizer=words, token_pattern=None, ngram_range=(1, 2))
    train, test = counts.fit_transform(data.train.x), counts.transform(data.test.x)
    models = {
        "most frequent class": DummyClassifier(),
        "naive Bayes on 1- and 2-grams": MultinomialNB(),
    }
    return {
        name: float(model.fit(train, data.train.y).score(test, data.test.y))
        for name, model in models.items()
    }


def tags(data: Dataset) -> dict[str, float]:
    """Accuracy of the most frequent tag: of all, and of each token.

    A token that is not in the training split gets the tag that is most frequent among
    those that occur there once.

    >>> from zoo.datasets.text_file import tagged
    >>> data = tagged("a", ([["a", "b"]] * 10, [["x", "y"]] * 10))
    >>> tags(data)
    {'most frequent tag': 0.5, 'most frequent tag of each token': 1.0}
    """
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for tokens, row in zip(*data.train, strict=True):
        for token, tag in zip(tokens, row, strict=True):
            counts[token][int(tag)] += 1
    overall = sum(counts.values(), Counter())
    once = [found for found in counts.values() if found.total() == 1]
    unknown = _most_frequent(sum(once, Counter()) or overall)
    best = {token: _most_frequent(found) for token, found in counts.items()}
    y = np.concatenate(list(data.test.y))
    guessed = np.array([best.get(token, unknown) for x in data.test.x for token in x])
    return {
        "most frequent tag": float((y == _most_frequent(overall)).mean()),
        "most frequent tag of each token": float((y == guessed).mean()),
    }


def _most_frequent(counts: Counter[int]) -> int:
    return max(sorted(counts), key=counts.__getitem__)


def characters(data: Dataset) -> dict[str, float]:
    r"""Cross-entropy of the next character, in nats, of unigrams and bigrams.

    .. math::

        p(b | a) = \frac{n_{ab} + 1}{\sum_c (n_{ac} + 1)}

    with the counts :math:`n_{ab}` of the training split.
    """
    size = len(data.vocabulary or ())
    counts = np.ones((size, size))
    np.add.at(counts, (data.train.x.ravel(), data.train.y.ravel()), 1)
    x, y = data.test.x.ravel(), data.test.y.ravel()
    unigram = counts.sum(axis=0) / counts.sum()
    bigram = counts / counts.sum(axis=1, keepdims=True)
    return {
        "unigram": float(-np.log(unigram[y]).mean()),
        "bigram": float(-np.log(bigram[x, y]).mean()),
    }
