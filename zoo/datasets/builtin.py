"""Sets that need no network: those that scikit-learn and Python come with."""

from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.named import register_dataset
from zoo.datasets.text_file import running_text

_UCI = "CC BY 4.0 (UCI Machine Learning Repository)"


@register_dataset("digits", licence=_UCI)
def digits() -> Dataset:
    """1,797 scans of handwritten digits, 8 x 8 pixels of 0..16 (Alpaydin, Kaynak)."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    images = x.reshape(-1, 8, 8, 1).astype("uint8")
    return make_dataset("digits", tuple("0123456789"), Split(images, y.astype("int64")))


@register_dataset("iris", licence=_UCI)
def iris() -> Dataset:
    """150 flowers of three species, four lengths in cm (Fisher, 1936)."""
    from sklearn.datasets import load_iris

    bunch = load_iris()
    split = Split(bunch.data.astype("float32"), bunch.target.astype("int64"))
    labels = tuple(str(name) for name in bunch.target_names)
    return make_dataset("iris", labels, split, test_share=1 / 3, validation_share=0.2)


@register_dataset("setosa", licence=_UCI)
def setosa() -> Dataset:
    """The flowers of `iris`, one species against the two others."""
    from sklearn.datasets import load_iris

    bunch = load_iris()
    is_setosa = (bunch.target == 0).astype("int64")
    split = Split(bunch.data.astype("float32"), is_setosa)
    labels = ("other", "setosa")
    return make_dataset("setosa", labels, split, test_share=1 / 3, validation_share=0.2)


@register_dataset("python_topics", licence="PSF License (Python's own documentation)")
def python_topics() -> Dataset:
    """The chapters of Python's own manual that `help()` shows, as running text."""
    from pydoc_data.topics import topics

    text = "\n".join(topics[name] for name in sorted(topics))
    return running_text("python_topics", text.split("\n"))
