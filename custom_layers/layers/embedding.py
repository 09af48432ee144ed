"""Embedding of token ids."""

import warnings
from typing import Any

import keras
from keras import ops

from custom_layers import initializers, regularizers
from custom_layers._types import (
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
    Tensor,
)
from custom_layers.layers._unsupported import without_unsupported

__all__ = ["Embedding"]


@keras.saving.register_keras_serializable("custom_layers")
class Embedding(keras.layers.Layer):
    """Maps token ids to dense vectors.

    .. math::

        y_i = E_{x_i}

    with the embedding matrix `E`. The gradient is sparse: it reaches only the rows
    of the tokens in the batch, and on TensorFlow holds these rows alone.

    Args:
        input_dim: Vocabulary size, the largest token id plus one.
        output_dim: Embedding size.
        embeddings_initializer: Initializer for the matrix
            `(input_dim, output_dim)`.
        embeddings_regularizer: Regularizer for the matrix.
        embeddings_constraint: Constraint applied to the matrix after each update.
        mask_zero: Whether the token id 0 is padding, to be masked.
        weights: Initial value of the embedding matrix, alone or in a list.

    Shapes:
        `(batch, ...)` of integers to `(batch, ..., output_dim)`.

    Example:

    >>> matrix = ops.array([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
    >>> vectors = Embedding(3, 2, weights=matrix)(ops.array([[2, 1]]))
    >>> ops.convert_to_numpy(vectors).tolist()
    [[[3.0, 4.0], [1.0, 2.0]]]

    Reference:
        Bengio, Ducharme, Vincent and Jauvin, 2003, A neural probabilistic
        language model.
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: InitializerLike = "uniform",
        embeddings_regularizer: RegularizerLike = None,
        embeddings_constraint: ConstraintLike = None,
        mask_zero: bool = False,
        weights: Any = None,
        **kwargs: Any,
    ) -> None:
        _check_size("input_dim", input_dim)
        _check_size("output_dim", output_dim)
        if kwargs.pop("input_length", None) is not None:
            warnings.warn(
                "`input_length` is deprecated and does nothing: remove it.",
                stacklevel=2,
            )
        super().__init__(**kwargs)
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = keras.constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero
        # In mixed precision, cast the gathered vectors, not the matrix.
        self.autocast = False
        if weights is not None:
            self.build()
            is_list = isinstance(weights, list) and len(weights) == 1
            self.set_weights(weights if is_list else [weights])

    def build(self, input_shape: Shape | None = None) -> None:
        """Creates the embedding matrix."""
        if self.built:
            return
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim),
            self.embeddings_initializer,
            name="embeddings",
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
        )
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        """Gathers the vectors of the tokens."""
        if keras.backend.standardize_dtype(inputs.dtype) not in ("int32", "int64"):
            inputs = ops.cast(inputs, "int32")
        return ops.cast(ops.take(self.embeddings, inputs, axis=0), self.compute_dtype)

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor | None:
        """Returns the mask of the tokens that are not padding."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the vectors."""
        return (*input_shape, self.output_dim)

    def compute_output_spec(self, inputs: Tensor) -> keras.KerasTensor:
        """Returns shape and dtype of the vectors; ragged inputs stay ragged."""
        return keras.KerasTensor(
            self.compute_output_shape(inputs.shape),
            dtype=self.compute_dtype,
            ragged=getattr(inputs, "ragged", False),
        )

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            "embeddings_initializer": initializers.serialize(
                self.embeddings_initializer
            ),
            "embeddings_regularizer": regularizers.serialize(
                self.embeddings_regularizer
            ),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "embeddings_constraint": keras.constraints.serialize(
                self.embeddings_constraint
            ),
            "mask_zero": self.mask_zero,
        }

    @classmethod
    def from_config(cls, config: dict) -> Any:
        """Creates a layer from its configuration, ours or that of the namesake."""
        return super().from_config(without_unsupported(cls.__name__, config))


def _check_size(name: str, size: Any) -> None:
    if not isinstance(size, int) or isinstance(size, bool) or size <= 0:
        raise ValueError(
            f"`{name}` must be a positive integer. "
            f"Received: {name}={size} (of type {type(size).__name__})."
        )
