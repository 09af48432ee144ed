"""Baselines for images, measurements, quantities and series."""

import numpy as np

from zoo.datasets import Dataset
from zoo.tasks.forecasting import naive

_FEATURES = 1_000  # of a sample; logistic regression takes hours for more


def classes(data: Dataset) -> dict[str, float]:
    """Accuracy of the most frequent class and of other classifiers of vectors.

    These are the nearest neighbour in the training split and, of samples of up to 1,000
    features, logistic regression on standardized features.
    """
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train, test = (
        split.x.reshape(len(split.x), -1).astype("float32")
        for split in (data.train, data.test)
    )
    models = {
        "most frequent class": DummyClassifier(),
        "nearest neighbour": KNeighborsClassifier(1),
    }
    if train.shape[1] <= _FEATURES:
        models["logistic regression"] = make_pipeline(
            StandardScaler(), LogisticRegression(max_iter=1_000, tol=1e-3)
        )
    return {
        name: float(model.fit(train, data.train.y).score(test, data.test.y))
        for name, model in models.items()
    }


def quantities(data: Dataset) -> dict[str, float]:
    """Coefficient of determination of the mean, and of other regressions of vectors.

    These are ordinary least squares and the mean of the ten nearest neighbours on
    standardized features.

    >>> from zoo.datasets import Split
    >>> x, y = np.arange(20.0)[:, None], np.arange(20.0)[:, None]
    >>> found = quantities(Dataset("a", *[Split(x, y)] * 3, (), targets=("y",)))
    >>> round(found["least squares"], 6), round(found["mean"], 6)
    (1.0, 0.0)
    """
    from sklearn.dummy import DummyRegressor
    from sklearn.linear_model import LinearRegression
    from sklearn.neighbors import KNeighborsRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train, test = (
        split.x.reshape(len(split.x), -1).astype("float64")
        for split in (data.train, data.test)
    )
    models = {
        "mean": DummyRegressor(),
        "least squares": LinearRegression(),
        "10 nearest neighbours": make_pipeline(
            StandardScaler(), KNeighborsRegressor(10)
        ),
    }
    return {
        name: float(model.fit(train, data.train.y).score(test, data.test.y))
        for name, model in models.items()
    }


def mean_sample(data: Dataset) -> dict[str, float]:
    """Mean squared error of the mean training sample, whatever the sample.

    >>> from zoo.datasets import Split
    >>> train, test = (Split(y, y) for y in (np.array([[0.0], [2.0]]), np.ones((1, 1))))
    >>> mean_sample(Dataset("a", train, train, test, ()))
    {'mean sample': 0.0}
    """
    difference = data.test.y - data.train.y.mean(axis=0)
    return {"mean sample": float(np.square(difference).mean())}


def independent_pixels(data: Dataset) -> dict[str, float]:
    r"""Evidence of pixels that are independent of each other.

    .. math::

        \sum_i x_i \log p_i + (1 - x_i) \log (1 - p_i)

    with the mean :math:`p_i` of pixel :math:`i` over the training split, as if there
    were one more white and one more black sample.
    """
    train, test = (s.y.reshape(len(s.y), -1) for s in (data.train, data.test))
    p = (train.sum(axis=0, dtype="float64") + 1) / (len(train) + 2)
    evidence = test @ np.log(p) + (1 - test) @ np.log(1 - p)
    return {"independent pixels": float(evidence.mean())}


def forecasts(data: Dataset) -> dict[str, float]:
    """Mean absolute scaled error of persistence, and of the seasonal naive forecast."""
    x, y = data.test
    forecast = {
        "persistence": naive(x, y.shape[1], 1),
        "seasonal naive": naive(x, y.shape[1], int(data.facts["period"])),
    }
    scale = data.facts["scale"]
    return {k: float(np.abs(y - found).mean()) / scale for k, found in forecast.items()}
