"""Sets that need no network: what scikit-learn and Python carry, and generated ones."""

from collections.abc import Callable

from zoo.datasets import generated, grammar
from zoo.datasets.dataset import Dataset, Split, make
from zoo.datasets.series import toy_series
from zoo.datasets.shapes import shapes
from zoo.datasets.text_file import running_text


def _digits() -> Dataset:
    """1,797 scans of handwritten digits, 8 x 8 pixels of 0..16 (Alpaydin, Kaynak)."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    images = x.reshape(-1, 8, 8, 1).astype("uint8")
    return make("digits", tuple("0123456789"), Split(images, y.astype("int64")))


def _iris() -> Dataset:
    """150 flowers of three species, four lengths in cm (Fisher, 1936)."""
    from sklearn.datasets import load_iris

    bunch = load_iris()
    split = Split(bunch.data.astype("float32"), bunch.target.astype("int64"))
    labels = tuple(str(name) for name in bunch.target_names)
    return make("iris", labels, split, test_share=1 / 3, validation_share=0.2)


def _setosa() -> Dataset:
    """The flowers of `iris`, of which one species is told from the two others."""
    from sklearn.datasets import load_iris

    bunch = load_iris()
    is_setosa = (bunch.target == 0).astype("int64")
    split = Split(bunch.data.astype("float32"), is_setosa)
    labels = ("other", "setosa")
    return make("setosa", labels, split, test_share=1 / 3, validation_share=0.2)


def _python_topics() -> Dataset:
    """The chapters of Python's own manual that `help()` shows, as running text."""
    from pydoc_data.topics import topics

    text = "\n".join(topics[name] for name in sorted(topics))
    return running_text("python_topics", text.split("\n"))


LOADERS: dict[str, Callable[[], Dataset]] = {
    "and": generated.logic_and,
    "circles": generated.circles,
    "corners": generated.corners,
    "digits": _digits,
    "iris": _iris,
    "not": generated.logic_not,
    "or": generated.logic_or,
    "python_topics": _python_topics,
    "setosa": _setosa,
    "shapes": shapes,
    "toy_polarity": grammar.polarity,
    "toy_series": toy_series,
    "toy_tags": grammar.tags,
    "xor": generated.xor,
}


def load(name: str) -> Dataset:
    """Loads the built-in set of that name."""
    return LOADERS[name]()
