"""A sentence as tokens, for models that tag each of them."""

import re


def split_tokens(sentence: str) -> list[str]:
    """Splits a sentence into words and punctuation, letters as they are.

    >>> split_tokens("It's 3.5 stars, no more!")
    ["It's", '3.5', 'stars', ',', 'no', 'more', '!']
    """
    return re.findall(r"\d+(?:[.,]\d+)*|\w+(?:['-]\w+)*|[^\w\s]", sentence)
