"""Labels of two classes, as signs."""

from keras import ops

from custom_layers._types import Tensor


def signed_labels(y_true: Tensor) -> Tensor:
    """Turns labels that are all 0 or 1 into -1 and 1; others stay as they are."""
    # No number but 0 and 1 is its own square. Compilers add along the first axis
    # many numbers at once, and along the last one by one.
    others = ops.sum(ops.abs(y_true * y_true - y_true), axis=0)
    is_binary = ops.cast(ops.all(ops.equal(others, 0)), y_true.dtype)
    return y_true * (1.0 + is_binary) - is_binary
