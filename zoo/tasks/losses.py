"""Losses of tasks, and where losses are found by name."""

import math
from typing import Any

import keras
from keras import ops

from custom_layers import losses


@keras.saving.register_keras_serializable("zoo")
class TokenCrossentropy(keras.losses.Loss):
    """Crossentropy of the tokens of a sentence, padding left out.

    `loss_i = 1/T sum_t [y_it != ignored] (-log softmax(logits_it)[y_it])`

    It is divided by the `T` places of a row, filled or not, and not by the number of
    tokens in a batch: so devices that share a batch sum up to the same loss.

    Args:
        ignored: Class of places that do not count.
        reduction: Of the losses of a batch.
        name: Of the loss.

    Shapes:
        Classes `(batch, time)`, logits `(batch, time, classes)`.

    Example:

    >>> loss = TokenCrossentropy()
    >>> round(float(loss([[0, 1, -1, -1]], ops.zeros((1, 4, 3)))), 4)
    0.5493
    """

    def __init__(
        self,
        ignored: int = -1,
        reduction: str = "sum_over_batch_size",
        name: str = "token_crossentropy",
    ) -> None:
        super().__init__(name, reduction)
        self.ignored = ignored

    def __call__(
        self, y_true: Any, y_pred: Any, sample_weight: Any | None = None
    ) -> Any:
        """Computes the loss of a batch."""
        # Without the mask that may hang on the logits: Keras would divide by it.
        bare = ops.add(y_pred, 0.0)
        return super().__call__(y_true, bare, sample_weight)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Computes the loss of each row."""
        y_true = ops.convert_to_tensor(y_true)
        counts = ops.not_equal(y_true, self.ignored)
        classes = ops.where(counts, y_true, ops.zeros_like(y_true))
        values = losses.sparse_categorical_crossentropy(
            classes, y_pred, from_logits=True
        )
        return ops.mean(ops.where(counts, values, ops.zeros_like(values)), axis=-1)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {"ignored": self.ignored, "reduction": self.reduction, "name": self.name}


@keras.saving.register_keras_serializable("zoo")
class EvidenceLowerBound(keras.losses.Loss):
    """Negative evidence lower bound of a variational autoencoder, in nats a sample.

    `loss_i = -log p(x_i | z_i) + KL(N(mean_i, v_i) || N(0, 1))`

    with pixels that are independent and 0 or 1; a target between is a probability.

    Args:
        reduction: Of the losses of a batch.
        name: Of the loss.

    Shapes:
        Targets `(batch, ...)` of `n` values between 0 and 1; predictions
        `(batch, n + 2 * latents)`: logits of the values, means and logarithms of the
        variances of the latents.

    Example:

    >>> round(float(EvidenceLowerBound()([[0.0, 1.0]], ops.zeros((1, 2 + 2 * 3)))), 4)
    1.3863

    Reference:
        Kingma and Welling, 2014, Auto-encoding variational Bayes.
    """

    def __init__(
        self,
        reduction: str = "sum_over_batch_size",
        name: str = "evidence_lower_bound",
    ) -> None:
        super().__init__(name, reduction)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Computes the bound of each sample."""
        y_true = ops.convert_to_tensor(y_true)
        values = math.prod(y_true.shape[1:])
        latents = (y_pred.shape[-1] - values) // 2
        logits = y_pred[:, :values]
        mean, log_variance = y_pred[:, values:-latents], y_pred[:, -latents:]
        targets = ops.reshape(y_true, (-1, values))
        return losses.negative_evidence_lower_bound(targets, logits, mean, log_variance)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {"reduction": self.reduction, "name": self.name}


@keras.saving.register_keras_serializable("zoo")
class SparsePerceptronCriterion(keras.losses.Loss):
    """How far the scores of each class against the rest lie on the wrong side of zero.

    `loss_i = sum_k max(0, -y_ik s_ik)` with `y_ik = 1` for the class of the sample and
    -1 for the others. A step down its gradient is the perceptron's rule for the neuron
    of each class.

    Args:
        reduction: Of the losses of a batch.
        name: Of the loss.

    Shapes:
        Classes `(batch,)`, scores `(batch, classes)`.

    Example:

    >>> loss = SparsePerceptronCriterion()
    >>> float(loss(ops.array([0]), ops.array([[2.0, 0.5, -1.0]])))
    0.5

    Reference:
        Rosenblatt, 1958, The perceptron: a probabilistic model for information storage
        and organization in the brain.
    """

    def __init__(
        self,
        reduction: str = "sum_over_batch_size",
        name: str = "sparse_perceptron_criterion",
    ) -> None:
        super().__init__(name, reduction)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Computes the loss of each sample."""
        classes = y_pred.shape[-1]
        is_class = ops.one_hot(ops.cast(y_true, "int32"), classes, dtype=y_pred.dtype)
        return classes * losses.perceptron_criterion(is_class, y_pred)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {"reduction": self.reduction, "name": self.name}


@keras.saving.register_keras_serializable("zoo")
class WordLoss(keras.losses.Loss):
    """Surprise of the answers that single one word out of many.

    `loss_i = -sum_(y_ij = 1) log sigmoid(s_ij) - sum_(y_ij = 0) log sigmoid(-s_ij)`

    That is negative sampling where `y` is 1 for the right word and 0 for noise, and
    hierarchical softmax where it tells the way through a tree, `1 - code`.

    Args:
        reduction: Of the losses of a batch.
        name: Of the loss.

    Shapes:
        Answers and scores `(batch, questions)`; -1 where a question is not asked.

    Example:

    >>> round(float(WordLoss()([[1, 0, -1]], [[0.0, 0.0, 5.0]])), 4)
    1.3863

    Reference:
        Mikolov, Sutskever, Chen, Corrado and Dean, 2013, Distributed representations
        of words and phrases and their compositionality.
    """

    def __init__(
        self, reduction: str = "sum_over_batch_size", name: str = "word_loss"
    ) -> None:
        super().__init__(name, reduction)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Computes the loss of each word."""
        y_true = ops.convert_to_tensor(y_true)
        codes = ops.where(y_true < 0, y_true, 1 - y_true)
        return losses.hierarchical_softmax_loss(codes, y_pred)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {"reduction": self.reduction, "name": self.name}


def find_loss(name: str) -> Any:
    """Finds a loss by its name, here or in `custom_layers.losses`, or gives `None`."""
    own = (TokenCrossentropy, EvidenceLowerBound, SparsePerceptronCriterion, WordLoss)
    named = {loss.__name__: loss for loss in own}
    return named.get(name) or getattr(losses, name, None)


def make_loss(name: str, config: dict[str, Any]) -> keras.losses.Loss:
    """Makes a loss of this module, or of `custom_layers.losses`.

    >>> make_loss("Hinge", {}).name
    'hinge'
    """
    return find_loss(name)(**config)
