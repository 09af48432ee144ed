"""Shapes of targets and predictions."""

from keras import ops

from custom_layers._types import Tensor


def same_rank(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """Gives targets and predictions one rank where they differ by a last dimension 1.

    That dimension is added where the other tensor has rank one: `(batch,)` becomes
    `(batch, 1)`; and dropped otherwise: `(..., 1)` becomes `(...)`.
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if _has_extra_dimension(y_true, y_pred):
        y_true, y_pred = _aligned(y_true, y_pred)
    elif _has_extra_dimension(y_pred, y_true):
        y_pred, y_true = _aligned(y_pred, y_true)
    return y_true, y_pred


def _has_extra_dimension(longer: Tensor, shorter: Tensor) -> bool:
    return len(longer.shape) == len(shorter.shape) + 1 and longer.shape[-1] == 1


def _aligned(longer: Tensor, shorter: Tensor) -> tuple[Tensor, Tensor]:
    if len(shorter.shape) == 1:
        return longer, ops.expand_dims(shorter, -1)
    return ops.squeeze(longer, -1), shorter


def check_same_shape(y_true: Tensor, y_pred: Tensor) -> None:
    """Raises a `ValueError` where shapes differ; an unknown size equals any."""
    if not shapes_agree(y_true.shape, y_pred.shape):
        raise ValueError(
            "`y_true` and `y_pred` must have the same shape. Received: "
            f"y_true.shape={tuple(y_true.shape)} and "
            f"y_pred.shape={tuple(y_pred.shape)}"
        )


def shapes_agree(shape: tuple, other: tuple) -> bool:
    """Whether two shapes can be equal; an unknown size equals any."""
    return len(shape) == len(other) and all(
        size == other_size or size is None or other_size is None
        for size, other_size in zip(shape, other, strict=True)
    )
