"""Models of the zoo as estimators of scikit-learn.

They work in pipelines, grid searches and cross-validation, are cloned and pickled, and
leave no files behind.
"""

import contextlib
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    validate_data,
)

from zoo import messages
from zoo.datasets import Dataset, Split
from zoo.errors import ArgumentError
from zoo.training.fit import fit
from zoo.training.job import Job, prepare

_NAME = "samples"  # of the dataset that an estimator is fitted on
_FEWEST = 10  # samples of which some are not trained on
_BATCH = 128  # rows of each prediction, the last ones padded


class _ZooEstimator(BaseEstimator):
    """What classifiers and regressors share: parameters, fitting, answers."""

    def __init__(
        self,
        model: str = "mlp",
        *,
        input_shape: tuple[int, ...] | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        patience: int | None = None,
        overrides: dict[str, Any] | None = None,
        options: dict[str, Any] | None = None,
        validation_fraction: float = 0.1,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        self.model = model
        self.input_shape = input_shape
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.patience = patience
        self.overrides = overrides
        self.options = options
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        self.verbose = verbose

    def _shaped(self, X: np.ndarray) -> np.ndarray:
        if self.input_shape is None:
            return X
        if np.prod(self.input_shape) != X.shape[1]:
            raise ArgumentError(
                f"`input_shape` {self.input_shape} takes {np.prod(self.input_shape)} "
                f"numbers, samples have {X.shape[1]}."
            )
        return X.reshape(-1, *self.input_shape)

    def _splits(
        self, X: np.ndarray, y: np.ndarray, rows: tuple[np.ndarray, np.ndarray]
    ) -> tuple[Split, Split]:
        x, (train, held_out) = self._shaped(X), rows
        return Split(x[train], y[train]), Split(x[held_out], y[held_out])

    def _fitted(
        self,
        data: Dataset,
        weights: np.ndarray | None,
        rows: np.ndarray,
        seed: int,
        **options: Any,
    ) -> keras.Model:
        """Trains a new model, and returns it with the weights of its best epoch."""
        options |= {
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "learning_rate": self.learning_rate,
            "patience": self.patience,
            "overrides": self.overrides or {},
            "sample_weight": None if weights is None else weights[rows],
        }
        given = {key: value for key, value in options.items() if value is not None}
        # Compiling with XLA takes longer than training on what is mostly a table.
        defaults = {"jit": "off" if keras.backend.backend() == "tensorflow" else "auto"}
        chosen = defaults | (self.options or {}) | given
        silence = contextlib.nullcontext() if self.verbose else messages.quiet()
        with silence, _global_state(), tempfile.TemporaryDirectory() as folder:
            job = prepare(self.model, dataset=data, seed=seed, **chosen)
            with job.devices.scope():
                progress = fit(
                    job.model,
                    job.data,
                    job.recipe,
                    Path(folder),
                    job.devices,
                    augmentation=job.augmentation,
                    callbacks=job.callbacks,
                    is_new=job.is_new,
                )
            self.n_iter_ = progress.epoch
            return _uncompiled(job)

    def _outputs(self, X: Any) -> np.ndarray:
        """Outputs of the model, in batches of one size.

        So those of a sample do not depend on which others are asked with it.
        """
        check_is_fitted(self, "model_")
        x = self._shaped(validate_data(self, X, reset=False, dtype="float32"))
        rows = []
        for start in range(0, len(x), _BATCH):
            part = x[start : start + _BATCH]
            padding = [(0, _BATCH - len(part)), *[(0, 0)] * (x.ndim - 1)]
            found = self.model_(np.pad(part, padding), training=False)
            rows.append(keras.ops.convert_to_numpy(found)[: len(part)])
        return np.concatenate(rows)

    def _seed(self) -> int:
        return int(check_random_state(self.random_state).randint(2**31 - 1))


class ZooClassifier(ClassifierMixin, _ZooEstimator):
    """A classifier of the zoo with the interface of scikit-learn.

    `fit` trains by the recipe of the model, as `zoo.train` does, in a temporary folder.
    The weights of the epoch that is best on `validation_fraction` of the samples are
    kept.

    Args:
        model: A registered model for classification; see `zoo.list_models`.
        input_shape: Shape that a row of numbers has for the model, such as (8, 8, 1);
            the row itself if None.
        epochs: Number of passes over the samples; the recipe's if None.
        batch_size: Samples in a step; the recipe's if None.
        learning_rate: Of the optimizer; the recipe's if None.
        patience: Epochs without improvement before training stops; the recipe's if
            None.
        class_weight: Weight of each class in the loss, by its label, or `"balanced"`:
            inversely proportional to class frequencies.
        overrides: Arguments of the model, such as `{"hidden_units": (64,)}`.
        options: Further options of `zoo.train`, by name.
        validation_fraction: Fraction of the samples that are not trained on, but choose
            the epoch, class by class; if 0, or where a class has too few, all do both.
        random_state: Seed, or generator of one; each fit differs if None.
        verbose: Whether to print a line for each epoch.

    Attributes:
        classes_: The labels, sorted.
        model_: The trained `keras.Model`, which returns logits; `export.export_model`
            takes it.
        n_features_in_: Number of features.
        feature_names_in_: Names of the features, where `X` has some.
        n_iter_: Number of epochs.

    Example:

    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import train_test_split
    >>> split = train_test_split(*load_iris(return_X_y=True), random_state=0)
    >>> X_train, X_test, y_train, y_test = split
    >>> classifier = ZooClassifier("mlp", epochs=30, random_state=0)
    >>> classifier.fit(X_train, y_train).score(X_test, y_test) > 0.9
    True
    """

    def __init__(
        self,
        model: str = "mlp",
        *,
        input_shape: tuple[int, ...] | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        patience: int | None = None,
        class_weight: dict[Any, float] | str | None = None,
        overrides: dict[str, Any] | None = None,
        options: dict[str, Any] | None = None,
        validation_fraction: float = 0.1,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        super().__init__(
            model,
            input_shape=input_shape,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            patience=patience,
            overrides=overrides,
            options=options,
            validation_fraction=validation_fraction,
            random_state=random_state,
            verbose=verbose,
        )
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "ZooClassifier":
        """Trains on samples and their labels.

        Args:
            X: Numbers of shape `(samples, features)`.
            y: Labels of shape `(samples,)`: integers or strings.
            sample_weight: Weight of each sample in the loss; samples of weight 0 are
                left out.

        Returns:
            The classifier itself.

        Raises:
            ValueError: If samples or labels are not such, or there is one class.
            ZooError: If a parameter is wrong, or the model takes other samples.
        """
        X, y = validate_data(self, X, y, dtype="float32")
        check_classification_targets(y)
        X, y, sample_weight = _used(X, y, sample_weight)
        self.classes_, ids = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__} needs samples of 2 classes or more. Received: "
                f"{len(self.classes_)} class."
            )
        seed = self._seed()
        number = int(np.ceil(self.validation_fraction * len(X)))
        counts = np.bincount(ids)
        can_draw = number >= len(counts) and counts.min() >= 2
        rows = _drawn(len(X), number if can_draw else 0, seed, ids)
        train, held_out = self._splits(X, ids, rows)
        labels = tuple(str(label) for label in self.classes_)
        data = Dataset(_NAME, train, held_out, held_out, labels)
        weights = {"class_weight": self._weights()}
        self.model_ = self._fitted(data, sample_weight, rows[0], seed, **weights)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Returns the probability of each class, of shape `(samples, classes)`."""
        logits = self._outputs(X).astype("float64")
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        return exponentials / exponentials.sum(axis=1, keepdims=True)

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Returns the logarithm of the probability of each class."""
        return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> np.ndarray:
        """Returns the most probable label of each sample."""
        best = self._outputs(X).argmax(axis=1)
        return self.classes_[best]

    def _weights(self) -> dict[str, float] | str | None:
        if not isinstance(self.class_weight, dict):
            return self.class_weight
        # Of a fold of a search, some labels may be missing.
        return {
            str(label): self.class_weight[label]
            for label in self.classes_.tolist()
            if label in self.class_weight
        }


class ZooRegressor(RegressorMixin, _ZooEstimator):
    """A model of the zoo for quantities, with the interface of scikit-learn.

    `fit` trains by the recipe of the model, as `zoo.train` does, in a temporary folder.
    The weights of the epoch that is best on `validation_fraction` of the samples are
    kept. Targets may have any units: the model standardizes them.

    Args:
        model: A registered model for regression: `zoo.list_models(task="regression")`.
        input_shape: As of `ZooClassifier`.
        epochs: Number of passes over the samples; the recipe's if None.
        batch_size: Samples in a step; the recipe's if None.
        learning_rate: Of the optimizer; the recipe's if None.
        patience: Epochs without improvement before training stops; the recipe's if
            None.
        overrides: Arguments of the model, such as `{"hidden_units": (64,)}`.
        options: Further options of `zoo.train`, by name.
        validation_fraction: Fraction of the samples that are not trained on, but choose
            the epoch; if 0, or if there are fewer than 10 samples, all do both.
        random_state: Seed, or generator of one; each fit differs if None.
        verbose: Whether to print a line for each epoch.

    Attributes:
        model_: The trained `keras.Model`, which answers in the units of the targets.
        n_features_in_: Number of features.
        feature_names_in_: Names of the features, where `X` has some.
        n_iter_: Number of epochs.

    Example:

    >>> from sklearn.datasets import make_regression
    >>> X, y = make_regression(200, 3, random_state=0)
    >>> regressor = ZooRegressor("mlp", epochs=30, random_state=0)
    >>> regressor.fit(X[:150], y[:150]).score(X[150:], y[150:]) > 0.8
    True
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "ZooRegressor":
        """Trains on samples and their quantities.

        Args:
            X: Numbers of shape `(samples, features)`.
            y: Numbers of shape `(samples,)` or `(samples, targets)`.
            sample_weight: Weight of each sample in the loss; samples of weight 0 are
                left out.

        Returns:
            The regressor itself.

        Raises:
            ValueError: If samples or quantities are not such.
            ZooError: If a parameter is wrong, or the model takes other samples.
        """
        X, y = validate_data(
            self, X, y, dtype="float32", multi_output=True, y_numeric=True
        )
        X, y, sample_weight = _used(X, y, sample_weight)
        self._is_flat = y.ndim == 1
        quantities = np.asarray(y, "float32").reshape(len(y), -1)
        targets = tuple(f"y{k}" for k in range(quantities.shape[1]))
        seed = self._seed()
        number = int(np.ceil(self.validation_fraction * len(X)))
        rows = _drawn(len(X), number if len(X) >= _FEWEST else 0, seed)
        train, held_out = self._splits(X, quantities, rows)
        data = Dataset(
            _NAME, train, held_out, held_out, (), task="regression", targets=targets
        )
        self.model_ = self._fitted(data, sample_weight, rows[0], seed)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Returns the quantities, in the shape of the `y` that was fitted."""
        found = self._outputs(X).astype("float64")  # as all regressors there
        return found[:, 0] if self._is_flat else found

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _used(X: Any, y: Any, sample_weight: Any) -> tuple[Any, Any, Any]:
    """Checks sample weights, and leaves out samples without weight."""
    if sample_weight is None:
        return X, y, None
    weights = _check_sample_weight(
        sample_weight, X, dtype="float32", ensure_non_negative=True
    )
    used = weights > 0
    return X[used], y[used], weights[used]


def _drawn(
    samples: int, number: int, seed: int, classes: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Draws the rows to train and a number to validate on; all for both if none."""
    from sklearn.model_selection import train_test_split

    every = np.arange(samples)
    if not number:
        return every, every
    train, validation = train_test_split(
        every, test_size=number, random_state=seed, stratify=classes
    )
    return train, validation


def _uncompiled(job: Job) -> keras.Model:
    """The trained model without optimizer and loss, which a pickle would hold, too."""
    model = job.plain()
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


@contextlib.contextmanager
def _global_state() -> Iterator[None]:
    """Leaves the random generators of the process as they were."""
    before, numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(before)
        np.random.set_state(numpy)
