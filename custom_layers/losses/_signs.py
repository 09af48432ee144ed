"""Binary labels as signs."""

from keras import ops

from custom_layers._types import Tensor


def signed_labels(y_true: Tensor) -> Tensor:
    """Maps labels 0 and 1 to -1 and 1; labels with any other value stay."""
    # Only 0 and 1 are their own squares. Compilers vectorize a sum along the first
    # axis, and not along the last.
    others = ops.sum(ops.abs(y_true * y_true - y_true), axis=0)
    is_binary = ops.cast(ops.all(ops.equal(others, 0)), y_true.dtype)
    return y_true * (1.0 + is_binary) - is_binary
