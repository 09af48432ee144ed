"""Whether a model is being traced for an artifact."""

import contextlib
import contextvars
from collections.abc import Iterator

_EXPORTING = contextvars.ContextVar("exporting", default=False)


@contextlib.contextmanager
def exporting() -> Iterator[None]:
    """Lets layers that have a form for converters trace that one.

    Some layers compute the same numbers in two ways: one is fast to train, the
    other is what an ONNX converter recognises. Within this block the second is
    traced.
    """
    token = _EXPORTING.set(True)
    try:
        yield
    finally:
        _EXPORTING.reset(token)


def is_exporting() -> bool:
    """Whether the call stands within `exporting`."""
    return _EXPORTING.get()
