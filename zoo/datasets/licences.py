"""Terms of use of the data that recipes name."""

from zoo.datasets.named import GENERATED, NAMED

# Of sets that lie in a data folder, and of environments; a registered dataset names its
# own.
_PREPARED = {
    "brown": "non-commercial use (Brown Corpus, Francis and Kucera)",
    "brown_tagged": "non-commercial use (Brown Corpus, Francis and Kucera)",
    "cartpole": "MIT License (gymnasium; Barto, Sutton and Anderson, 1983)",
    "cifar10": "none stated by its authors (Krizhevsky, 2009)",
    "gridworld": GENERATED,
    "mnist": "none stated by its authors (LeCun, Cortes and Burges)",
    "sentence_polarity": "CC BY 4.0 (Pang and Lee, 2005)",
    "spoken_digits": "CC BY-SA 4.0 (Jackson et al., Free Spoken Digit Dataset)",
    "tiny_shakespeare": "public domain (Shakespeare), collected under the MIT License",
}


def licence(name: str) -> str:
    """Returns the terms of use of a dataset; empty where they are not known.

    >>> licence("iris")
    'CC BY 4.0 (UCI Machine Learning Repository)'
    """
    return NAMED.get(name).licence if name in NAMED else _PREPARED.get(name, "")
