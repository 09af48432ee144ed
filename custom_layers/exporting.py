"""Whether a model is being traced for export."""

import contextlib
import contextvars
from collections.abc import Iterator

_EXPORTING = contextvars.ContextVar("exporting", default=False)


@contextlib.contextmanager
def exporting() -> Iterator[None]:
    """Makes layers trace the operations that converters recognise.

    Some layers compute the same numbers in two ways: one is fast in training, the
    other is what an ONNX converter recognises. Within this block the second is
    traced.
    """
    token = _EXPORTING.set(True)
    try:
        yield
    finally:
        _EXPORTING.reset(token)


def is_exporting() -> bool:
    """Whether the call happens within `exporting`."""
    return _EXPORTING.get()
