"""The order of the tokens of a vocabulary."""

from zoo.datasets.vocabulary import PADDING, UNKNOWN, Vocabulary


def test_equally_frequent_tokens_are_in_alphabetical_order():
    # The order of the samples has no influence on the ids.
    for texts in (["ba", "cc"], ["cc", "ab"]):
        vocabulary = Vocabulary.of(texts, size=10)
        assert vocabulary.tokens == (PADDING, UNKNOWN, "c", "a", "b")
    assert Vocabulary.of(["ba"], size=3).tokens == (PADDING, UNKNOWN, "a")
