"""Labels of two classes, as signs."""

from keras import ops

from custom_layers._types import Tensor


def signed_labels(y_true: Tensor) -> Tensor:
    """Turns labels that are all 0 or 1 into -1 and 1; others stay as they are."""
    # No number but 0 and 1 is its own square. Compilers look through one axis
    # in large steps, and through all in small ones.
    is_other = ops.any(ops.not_equal(y_true * y_true, y_true), axis=0)
    is_binary = ops.cast(ops.all(ops.logical_not(is_other)), y_true.dtype)
    return y_true * (1.0 + is_binary) - is_binary
