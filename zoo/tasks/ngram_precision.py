"""BLEU of sentences, from the precision of their n-grams."""

import math
from collections import Counter
from collections.abc import Sequence

ORDERS = 4  # of n-grams: 1 to 4

Tokens = Sequence[str]


def corpus_bleu(sentences: Sequence[Tokens], references: Sequence[Tokens]) -> float:
    r"""BLEU of a corpus, from 0 to 100.

    .. math::

        \mathrm{BLEU} = 100 \exp\big(\min(0, 1 - r / c)\big)
            \Big(\prod_{n = 1}^{4} \mathrm{precision}_n\Big)^{1/4}

    for sentences of `c` tokens together and references of `r`. Of the n-grams of a
    sentence those count that its reference has, each as often as there.

    Args:
        sentences: What a model wrote, each a sequence of tokens.
        references: One for each.

    Reference:
        Papineni, Roukos, Ward and Zhu, 2002, BLEU: a method for automatic evaluation of
        machine translation.

    Example:

    >>> corpus_bleu(["a red disc left".split()], ["a red disc left".split()])
    100.0
    """
    pairs = list(zip(sentences, references, strict=True))
    logarithms = 0.0
    for order in range(1, ORDERS + 1):
        found = right = 0
        for sentence, reference in pairs:
            counts = _ngrams(sentence, order)
            found += counts.total()
            right += (counts & _ngrams(reference, order)).total()
        if not right:
            return 0.0
        logarithms += math.log(right / found) / ORDERS
    written, expected = (sum(map(len, side)) for side in zip(*pairs, strict=True))
    return 100 * math.exp(min(0.0, 1 - expected / written) + logarithms)


def _ngrams(tokens: Tokens, order: int) -> Counter:
    return Counter(tuple(tokens[i : i + order]) for i in range(len(tokens) - order + 1))
