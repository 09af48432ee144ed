"""Sets that need no network: those of scikit-learn, and Python's manual."""

import hashlib
from pathlib import Path

from zoo.datasets.charset import read_lines
from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.named import register_dataset
from zoo.datasets.quantities import make_regression_dataset
from zoo.datasets.text_file import running_text
from zoo.errors import DatasetError

_UCI = "CC BY 4.0 (UCI Machine Learning Repository)"
_TOPICS = Path(__file__).with_name("python_topics.txt.gz")
_TOPICS_SHA256 = "511a474ec88aa05aeba499575c7f7e6e4514e3bb9e84282ad263e1c587e7cd40"


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


@register_dataset("diabetes", licence="published by the authors (Efron et al., 2004)")
def diabetes() -> Dataset:
    """442 patients, ten measurements, how diabetes progressed in a year (Efron, 2004).

    Measurements in their own units: age in years, sex (1 or 2), body mass index, blood
    pressure, six of blood serum. The target is a score from 25 to 346.
    """
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(scaled=False)
    split = Split(bunch.data.astype("float32"), bunch.target)
    return make_regression_dataset("diabetes", ("progression",), split)


@register_dataset("python_topics", licence="PSF License (Python's own documentation)")
def python_topics() -> Dataset:
    """Python's own manual, as running text: the chapters that `help()` shows.

    Of Python 3.11.7, in the order of their names. Chapters repeat others: each
    paragraph stands once, where it comes first, and a heading only above text. The
    licence is in `python_topics.licence.txt`.

    Raises:
        DatasetError: If the file is damaged.
    """
    content = _TOPICS.read_bytes()
    if hashlib.sha256(content).hexdigest() != _TOPICS_SHA256:
        raise DatasetError(
            f"{_TOPICS} is damaged (its sha256 is not the published one); reinstall "
            "the package."
        )
    return running_text("python_topics", read_lines(_TOPICS))
